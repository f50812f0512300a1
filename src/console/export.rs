//! Pictures and tables of what is on the screen, written by a thread of their own.
//!
//! A picture is the screenshot of the window with a caption bar under it, so that it can be read without the program:
//! run, scenario, time window, engine preset, limits, version. The same words go into the PNG's text chunks. Files
//! are written beside the target and renamed, so there is never half a picture.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use crossbeam_channel::{Receiver, Sender, bounded};
use egui::text::LayoutJob;
use egui::{Color32, ColorImage, FontId};

use crate::store::whole::atomically;

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

/// Writes a picture with its caption bar under it.
///
/// # Errors
/// When the file cannot be written.
pub fn write_png(path: &Path, picture: &ColorImage, bar: &ColorImage, caption: &Caption) -> io::Result<()> {
    let (w, h) = (picture.width(), picture.height() + bar.height());
    let mut rgb = Vec::with_capacity(w * h * 3);
    for image in [picture, bar] {
        for y in 0..image.height() {
            let row = image.pixels.get(y * image.width()..(y + 1) * image.width()).unwrap_or_default();
            rgb.extend(row.iter().take(w).flat_map(|p| [p.r(), p.g(), p.b()]));
            rgb.resize(rgb.len() + 3 * w.saturating_sub(image.width()), 0);
        }
    }
    atomically(path, |file| {
        let mut encoder = png::Encoder::new(file, w as u32, h as u32);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        for (name, text) in caption.parts() {
            encoder.add_itxt_chunk(name.into(), text.into()).map_err(io::Error::other)?;
        }
        let mut writer = encoder.write_header().map_err(io::Error::other)?;
        writer.write_image_data(&rgb).map_err(io::Error::other)?;
        writer.finish().map_err(io::Error::other)
    })
}

/// How an export ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The file.
    pub path: PathBuf,
    /// What was written, or why not.
    pub result: Result<String, String>,
}

impl Outcome {
    /// One line for a toast.
    #[must_use]
    pub fn text(&self) -> String {
        match &self.result {
            Ok(what) => format!("{what}: {}", self.path.display()),
            Err(why) => format!("not written: {why}: {}", self.path.display()),
        }
    }
}

/// Exports that are being written.
pub struct Exports {
    tx: Sender<Outcome>,
    rx: Receiver<Outcome>,
    running: usize,
}

impl Default for Exports {
    fn default() -> Self {
        let (tx, rx) = bounded(16);
        Self { tx, rx, running: 0 }
    }
}

impl Exports {
    /// Exports under way.
    #[must_use]
    pub fn running(&self) -> usize {
        self.running
    }

    /// Writes a picture on a thread. `wake` is called when it is done.
    pub fn png(
        &mut self,
        path: PathBuf,
        picture: Arc<ColorImage>,
        bar: ColorImage,
        caption: Caption,
        wake: impl FnOnce() + Send + 'static,
    ) {
        let size = format!("picture {} x {}", picture.width(), picture.height() + bar.height());
        self.start("export-png", path, wake, move |path| {
            write_png(path, &picture, &bar, &caption).map(|()| size).map_err(|e| e.to_string())
        });
    }

    /// Writes a table on a thread: `write` gets the file and gives the number of rows.
    pub fn csv<W>(&mut self, path: PathBuf, wake: impl FnOnce() + Send + 'static, write: W)
    where
        W: FnOnce(&mut dyn io::Write) -> io::Result<usize> + Send + 'static,
    {
        self.file(path, wake, move |out| write(out).map(|rows| format!("{rows} rows")));
    }

    /// Writes a file on a thread: `write` gets it and says what it wrote.
    pub fn file<W>(&mut self, path: PathBuf, wake: impl FnOnce() + Send + 'static, write: W)
    where
        W: FnOnce(&mut dyn io::Write) -> io::Result<String> + Send + 'static,
    {
        self.start("export-file", path, wake, move |path| {
            let mut said = String::new();
            atomically(path, |file| write(file).map(|what| said = what)).map_err(|e| e.to_string())?;
            Ok(said)
        });
    }

    fn start<J>(&mut self, name: &str, path: PathBuf, wake: impl FnOnce() + Send + 'static, job: J)
    where
        J: FnOnce(&Path) -> Result<String, String> + Send + 'static,
    {
        let (tx, target) = (self.tx.clone(), path.clone());
        let started = thread::Builder::new().name(name.into()).spawn(move || {
            let result = job(&target);
            if tx.send(Outcome { path: target, result }).is_ok() {
                wake();
            }
        });
        match started {
            Ok(_) => self.running += 1,
            Err(e) => {
                self.tx.try_send(Outcome { path, result: Err(e.to_string()) }).ok();
                self.running += 1;
            }
        }
    }

    /// The next finished export.
    pub fn poll(&mut self) -> Option<Outcome> {
        let outcome = self.rx.try_recv().ok()?;
        self.running = self.running.saturating_sub(1);
        Some(outcome)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::time::Duration;

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

    fn wait(e: &mut Exports) -> Option<Outcome> {
        (0..400).find_map(|_| {
            thread::sleep(Duration::from_millis(5));
            e.poll()
        })
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
        let dir = tempfile::tempdir()?;
        let path = dir.path().join("p.png");
        let picture = ColorImage::filled([300, 50], Color32::from_rgb(1, 2, 3));
        let bar = bar(300);
        let mut e = Exports::default();
        e.png(path.clone(), Arc::new(picture), bar.clone(), caption(), || ());
        assert_eq!(e.running(), 1);
        let outcome = wait(&mut e).ok_or("no outcome")?;
        assert!(outcome.text().starts_with("picture 300 x "), "{}", outcome.text());
        assert_eq!(e.running(), 0);
        let mut reader = png::Decoder::new(io::BufReader::new(fs::File::open(&path)?)).read_info()?;
        let info = reader.info();
        assert_eq!((info.width, info.height as usize), (300, 50 + bar.height()));
        let texts: Vec<_> = info.utf8_text.iter().map(|t| t.keyword.clone()).collect();
        assert_eq!(texts, ["Scenario", "Run", "Window", "Software"]);
        let mut rgb = vec![0; reader.output_buffer_size().ok_or("size")?];
        reader.next_frame(&mut rgb)?;
        assert_eq!(rgb[..3], [1, 2, 3]);
        assert_eq!(fs::read_dir(dir.path())?.count(), 1, "no temporary file is left");
        Ok(())
    }

    #[test]
    fn a_table_that_fails_leaves_nothing() -> Test {
        let dir = tempfile::tempdir()?;
        let mut e = Exports::default();
        e.csv(dir.path().join("a.csv"), || (), |w| w.write_all(b"t_s\n0\n").map(|()| 1));
        assert!(wait(&mut e).ok_or("none")?.text().starts_with("1 rows: "));
        e.csv(dir.path().join("b.csv"), || (), |_| Err(io::Error::other("history is gone")));
        assert!(wait(&mut e).ok_or("none")?.text().starts_with("not written: history is gone: "));
        assert_eq!(fs::read_dir(dir.path())?.count(), 1);
        Ok(())
    }
}
