//! A picture in pixels that is made without a window: boxes, lines, hatches, text in the console's own face; PNG.

use std::path::Path;

use ab_glyph::{Font as _, FontRef, PxScale, ScaleFont as _, point};

use super::svg::Align;
use crate::store::whole::atomically;

const REGULAR: &[u8] = include_bytes!("../../assets/fonts/InterT-Regular.otf");
const SEMIBOLD: &[u8] = include_bytes!("../../assets/fonts/InterT-SemiBold.otf");

/// A colour.
pub type Rgb = [u8; 3];

/// The weight of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// Plain.
    Regular,
    /// Of titles.
    SemiBold,
}

/// A picture in the making.
#[derive(Debug)]
pub struct Raster {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
}

impl Raster {
    /// Filled with one colour.
    #[must_use]
    pub fn new(width: usize, height: usize, ground: Rgb) -> Self {
        Self { width, height, pixels: ground.repeat(width * height) }
    }

    /// Width and height, px.
    #[must_use]
    pub fn size(&self) -> [usize; 2] {
        [self.width, self.height]
    }

    /// A pixel; none outside.
    #[must_use]
    pub fn at(&self, x: usize, y: usize) -> Option<Rgb> {
        let inside = x < self.width && y < self.height;
        inside.then(|| [0, 1, 2].map(|c| self.pixels[3 * (y * self.width + x) + c]))
    }

    /// Lays a colour over a pixel; `cover` is its share.
    fn blend(&mut self, x: i64, y: i64, color: Rgb, cover: f32) {
        if x < 0 || y < 0 || x >= self.width as i64 || y >= self.height as i64 {
            return;
        }
        let at = 3 * (y as usize * self.width + x as usize);
        for (own, new) in self.pixels[at..at + 3].iter_mut().zip(color) {
            *own = (f32::from(*own) + (f32::from(new) - f32::from(*own)) * cover.clamp(0.0, 1.0)).round() as u8;
        }
    }

    /// A filled box: corners in pixels, the second one outside.
    pub fn rect(&mut self, [x0, y0]: [i64; 2], [x1, y1]: [i64; 2], color: Rgb) {
        for (x, y) in (y0..y1).flat_map(|y| (x0..x1).map(move |x| (x, y))) {
            self.blend(x, y, color, 1.0);
        }
    }

    /// Lines at 45 degrees through a box, falling or rising, `pitch` pixels apart; they meet across boxes.
    pub fn hatch(&mut self, [x0, y0]: [i64; 2], [x1, y1]: [i64; 2], pitch: i64, rising: bool, color: Rgb) {
        for (x, y) in (y0..y1).flat_map(|y| (x0..x1).map(move |x| (x, y))) {
            let along = if rising { x + y } else { x - y };
            if along.rem_euclid(pitch.max(2)) == 0 {
                self.blend(x, y, color, 1.0);
            }
        }
    }

    /// A text of some size; gives its width, px. Where the face cannot be read nothing is drawn.
    pub fn text(&mut self, [x, y]: [f32; 2], text: &str, align: Align, px: f32, weight: Weight, color: Rgb) -> f32 {
        let bytes = if weight == Weight::Regular { REGULAR } else { SEMIBOLD };
        let Ok(font) = FontRef::try_from_slice(bytes) else { return 0.0 };
        let font = font.as_scaled(PxScale::from(px * 1.2));
        let (mut places, mut at, mut last) = (Vec::new(), 0.0, None);
        for c in text.chars() {
            let id = font.glyph_id(c);
            at += last.map_or(0.0, |l| font.kern(l, id));
            places.push((id, at));
            at += font.h_advance(id);
            last = Some(id);
        }
        let begin = match align {
            Align::Start => x,
            Align::Middle => x - at / 2.0,
            Align::End => x - at,
        };
        for (id, along) in places {
            let glyph = id.with_scale_and_position(font.scale(), point(begin + along, y));
            let Some(outline) = font.outline_glyph(glyph) else { continue };
            let from = outline.px_bounds().min;
            outline.draw(|gx, gy, cover| {
                self.blend(i64::from(gx) + from.x as i64, i64::from(gy) + from.y as i64, color, cover);
            });
        }
        at
    }

    /// Writes it.
    ///
    /// # Errors
    /// In one line.
    pub fn write_png(&self, path: &Path, caption: &str) -> Result<(), String> {
        let write = |out: &mut dyn std::io::Write| -> Result<(), png::EncodingError> {
            let mut encoder = png::Encoder::new(out, self.width as u32, self.height as u32);
            encoder.set_color(png::ColorType::Rgb);
            encoder.set_depth(png::BitDepth::Eight);
            encoder.add_itxt_chunk("Description".to_owned(), caption.to_owned())?;
            encoder.write_header()?.write_image_data(&self.pixels)
        };
        atomically(path, |out| write(out).map_err(std::io::Error::other))
            .map_err(|e| format!("{e}: {}", path.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_hatches_and_text_stay_inside_and_leave_marks() {
        let (paper, black) = ([255; 3], [0; 3]);
        let mut r = Raster::new(80, 40, paper);
        r.rect([-5, -5], [10, 10], black);
        assert_eq!((r.at(9, 9), r.at(10, 10), r.at(80, 0)), (Some(black), Some(paper), None));
        r.hatch([20, 0], [40, 20], 6, true, black);
        let dark = |r: &Raster, x0: usize, x1: usize| {
            (0..40).flat_map(|y| (x0..x1).map(move |x| (x, y))).filter(|(x, y)| r.at(*x, *y) != Some(paper)).count()
        };
        assert!((50..90).contains(&dark(&r, 20, 40)), "a sixth of 400: {}", dark(&r, 20, 40));
        let width = r.text([76.0, 30.0], "12.5", Align::End, 12.0, Weight::Regular, black);
        assert!((15.0..40.0).contains(&width) && dark(&r, 40, 76) > 40, "{width}");
        assert!(r.text([76.0, 39.0], "beyond all edges, far", Align::Start, 30.0, Weight::SemiBold, black) > 80.0);
    }
}
