//! Pictures of what is on the screen.
//!
//! A picture is the screenshot of the window with a caption bar under it, so that it can be read without the program:
//! run, scenario, time window, engine preset, limits, version. The same words go into the PNG's text chunks.

use std::io;

use egui::text::LayoutJob;
use egui::{Color32, ColorImage, FontId};

/// What the caption bar says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Caption {
    /// Run: seed and hash, or the source of a live feed.
    pub run: String,
    /// Scenario.
    pub scenario: String,
    /// Time window.
    pub window: String,
    /// Engine preset and policy set.
    pub preset: String,
    /// Limits that are drawn.
    pub limits: String,
    /// How the plant is modelled.
    pub model: String,
}

impl Caption {
    /// Version of the program, as printed.
    pub const VERSION: &'static str = concat!("ballast ", env!("CARGO_PKG_VERSION"));

    /// The parts with their names, without the empty ones.
    #[must_use]
    pub fn parts(&self) -> Vec<(&'static str, &str)> {
        let all = [
            ("Scenario", self.scenario.as_str()),
            ("Run", &self.run),
            ("Window", &self.window),
            ("Preset", &self.preset),
            ("Limits", &self.limits),
            ("Model", &self.model),
            ("Software", Self::VERSION),
        ];
        all.into_iter().filter(|(_, text)| !text.is_empty()).collect()
    }

    /// The text of the bar.
    #[must_use]
    pub fn text(&self) -> String {
        self.parts().iter().map(|(name, text)| format!("{name}: {text}")).collect::<Vec<_>>().join("   ")
    }
}

/// Draws the caption into a bar of `width_px` pixels, in the fonts of the window; as tall as its text needs.
#[must_use]
pub fn caption_bar(
    ctx: &egui::Context,
    caption: &Caption,
    width_px: usize,
    font: FontId,
    ink: [Color32; 2],
) -> ColorImage {
    let [paper, ink] = ink;
    let ppp = ctx.pixels_per_point();
    let pad = (8.0 * ppp).round();
    let wrap = ((width_px as f32 - 2.0 * pad) / ppp).max(80.0);
    let job = LayoutJob::simple(caption.text(), font, ink, wrap);
    let (galley, atlas) = ctx.fonts_mut(|f| {
        let galley = f.layout_job(job);
        let atlas = f.image();
        (galley, atlas)
    });
    let height = (galley.size().y * ppp + 2.0 * pad).ceil() as usize;
    let mut bar = ColorImage::filled([width_px.max(1), height.max(1)], paper);
    for row in &galley.rows {
        for quad in row.visuals.mesh.vertices.chunks_exact(4) {
            blit(&mut bar, &atlas, quad, row.pos.to_vec2(), ppp, pad, ink);
        }
    }
    bar
}

/// Copies one glyph from the font atlas; text meshes carry texel coordinates at one texel a pixel.
fn blit(
    bar: &mut ColorImage,
    atlas: &ColorImage,
    quad: &[egui::epaint::Vertex],
    at: egui::Vec2,
    ppp: f32,
    pad: f32,
    ink: Color32,
) {
    let (Some(first), Some(last)) = (quad.first(), quad.last()) else { return };
    let (u0, v0) = (first.uv.x.round() as usize, first.uv.y.round() as usize);
    let (w, h) = ((last.uv.x - first.uv.x).round() as usize, (last.uv.y - first.uv.y).round() as usize);
    let x0 = ((first.pos.x + at.x) * ppp + pad).round() as usize;
    let y0 = ((first.pos.y + at.y) * ppp + pad).round() as usize;
    for y in 0..h {
        for x in 0..w {
            let from = (v0 + y) * atlas.width() + u0 + x;
            let to = (y0 + y) * bar.width() + x0 + x;
            if x0 + x >= bar.width() {
                continue;
            }
            if let (Some(texel), Some(pixel)) = (atlas.pixels.get(from), bar.pixels.get_mut(to)) {
                *pixel = mix(*pixel, ink, f32::from(texel.a()) / 255.0);
            }
        }
    }
}

fn mix(a: Color32, b: Color32, t: f32) -> Color32 {
    let one = |a: u8, b: u8| (f32::from(a) + (f32::from(b) - f32::from(a)) * t).round() as u8;
    Color32::from_rgb(one(a.r(), b.r()), one(a.g(), b.g()), one(a.b(), b.b()))
}

/// Writes a picture as PNG with its caption bar under it.
///
/// # Errors
/// When the file cannot be written.
pub fn write_png(out: &mut dyn io::Write, picture: &ColorImage, bar: &ColorImage, caption: &Caption) -> io::Result<()> {
    let (w, h) = (picture.width(), picture.height() + bar.height());
    let mut rgb = Vec::with_capacity(w * h * 3);
    for image in [picture, bar] {
        for y in 0..image.height() {
            let row = image.pixels.get(y * image.width()..(y + 1) * image.width()).unwrap_or_default();
            rgb.extend(row.iter().take(w).flat_map(|p| [p.r(), p.g(), p.b()]));
            rgb.resize(rgb.len() + 3 * w.saturating_sub(image.width()), 0);
        }
    }
    let mut encoder = png::Encoder::new(out, w as u32, h as u32);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    for (name, text) in caption.parts() {
        encoder.add_itxt_chunk(name.into(), text.into()).map_err(io::Error::other)?;
    }
    let mut writer = encoder.write_header().map_err(io::Error::other)?;
    writer.write_image_data(&rgb).map_err(io::Error::other)?;
    writer.finish().map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use super::*;

    type Test = Result<(), Box<dyn std::error::Error>>;

    fn caption() -> Caption {
        Caption {
            run: "seed 42".into(),
            scenario: "path-a".into(),
            window: "−120 to +60 s".into(),
            ..Caption::default()
        }
    }

    fn bar(width: usize) -> ColorImage {
        let ctx = egui::Context::default();
        ctx.run_ui(egui::RawInput::default(), |_| ()).drop_without_applying_deltas();
        caption_bar(&ctx, &caption(), width, FontId::proportional(14.0), [Color32::WHITE, Color32::BLACK])
    }

    #[test]
    fn caption_is_drawn_and_wraps() {
        let wide = bar(1200);
        let narrow = bar(200);
        let ink = |i: &ColorImage| i.pixels.iter().filter(|p| p.r() < 100).count();
        assert!(ink(&wide) > 300, "{}", ink(&wide));
        assert!(narrow.height() > wide.height());
        let edge = |i: &ColorImage| (0..i.height()).all(|y| i.pixels[y * i.width()] == Color32::WHITE);
        assert!(edge(&wide), "text keeps off the edge");
    }

    #[test]
    fn picture_has_the_caption_under_it_and_in_its_text() -> Test {
        let picture = ColorImage::filled([300, 50], Color32::from_rgb(1, 2, 3));
        let (bar, mut file) = (bar(300), Vec::new());
        write_png(&mut file, &picture, &bar, &caption())?;
        let mut reader = png::Decoder::new(io::Cursor::new(&file)).read_info()?;
        let info = reader.info();
        assert_eq!((info.width, info.height as usize), (300, 50 + bar.height()));
        let texts: Vec<_> = info.utf8_text.iter().map(|t| t.keyword.clone()).collect();
        assert_eq!(texts, ["Scenario", "Run", "Window", "Software"]);
        let mut rgb = vec![0; reader.output_buffer_size().ok_or("size")?];
        reader.next_frame(&mut rgb)?;
        assert_eq!(rgb[..3], [1, 2, 3]);
        Ok(())
    }
}
