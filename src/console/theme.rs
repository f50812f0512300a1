//! Colours, fonts and sizes: the only place where a colour or a font is named. Grey first; colour means something.
//!
//! Two measured themes. Alarm fills are the same in both and are used on alarm glyphs and frames only.

use std::sync::Arc;

use egui::style::ScrollStyle;
use egui::{Color32, Context, FontData, FontDefinitions, FontFamily, FontId, Stroke, Theme, Visuals};

/// Family of labels.
pub const SANS: &str = "sans";
/// Family of values in tables.
pub const SANS_MEDIUM: &str = "sans-medium";
/// Family of titles and of live values.
pub const SANS_SEMIBOLD: &str = "sans-semibold";

/// Weight of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// Labels and units.
    Regular,
    /// Values.
    Medium,
    /// Titles and live values.
    SemiBold,
}

/// A font by weight and size.
#[must_use]
pub fn font(weight: Weight, px: f32) -> FontId {
    let name = match weight {
        Weight::Regular => SANS,
        Weight::Medium => SANS_MEDIUM,
        Weight::SemiBold => SANS_SEMIBOLD,
    };
    FontId::new(px, FontFamily::Name(name.into()))
}

/// All colours of a theme.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tokens {
    /// Dark theme.
    pub dark: bool,
    /// Window.
    pub bg: Color32,
    /// Panels.
    pub panel: Color32,
    /// Plots, tables, fields.
    pub inset: Color32,
    /// Labels.
    pub text: Color32,
    /// Units, secondary.
    pub text2: Color32,
    /// Live numbers.
    pub live: Color32,
    /// Disabled text.
    pub disabled: Color32,
    /// Selection, set-point, focus.
    pub accent: Color32,
    /// Text on accent.
    pub onaccent: Color32,
    /// Dead lines, outlines.
    pub dead: Color32,
    /// Plot grid.
    pub grid: Color32,
    /// Normal band of gauges.
    pub band: Color32,
    /// Normal band on strips.
    pub band_strip: Color32,
    /// Preferred band, fainter.
    pub band_faint: Color32,
    /// Band of the forecast.
    pub band_forecast: Color32,
    /// Limit lines.
    pub limit: Color32,
    /// Separators.
    pub hair: Color32,
    /// Forecast half.
    pub future: Color32,
    /// Neutral fill: blocks, racks, charge.
    pub fill: Color32,
    /// Light outline of alarms and knobs.
    pub light: Color32,
    /// Dark outline of alarms.
    pub ink: Color32,
    /// Genset pen.
    pub pen_genset: Color32,
    /// GPU pen.
    pub pen_gpu: Color32,
    /// Miner pen.
    pub pen_miner: Color32,
    /// BESS pen.
    pub pen_bess: Color32,
    /// Other pens.
    pub pen_other: Color32,
    /// Alarm fills by priority 1 to 4.
    pub alarm: [Color32; 4],
}

const fn rgb(v: u32) -> Color32 {
    Color32::from_rgb((v >> 16) as u8, (v >> 8) as u8, v as u8)
}

/// `k` of `a` and the rest of `b`.
#[must_use]
pub fn mix(a: Color32, b: Color32, k: f32) -> Color32 {
    let m = |x: u8, y: u8| (f32::from(x) * k + f32::from(y) * (1.0 - k)).round() as u8;
    Color32::from_rgb(m(a.r(), b.r()), m(a.g(), b.g()), m(a.b(), b.b()))
}

const ALARM: [Color32; 4] = [rgb(0xB5121B), rgb(0xE8852B), rgb(0xFFE100), rgb(0x8A60A0)];

impl Tokens {
    /// For a bright room.
    #[must_use]
    pub fn light() -> Self {
        let (panel, inset, text2, band, future) =
            (rgb(0xD9DBDD), rgb(0xE9EAEB), rgb(0x4A4F55), rgb(0xA9BCCB), rgb(0xDFE1E3));
        Self {
            dark: false,
            bg: rgb(0xC9CBCD),
            panel,
            inset,
            text: rgb(0x1A1C1E),
            text2,
            live: rgb(0x0A2F5C),
            disabled: rgb(0x63696F),
            accent: rgb(0x0B5394),
            onaccent: rgb(0xF4F5F5),
            dead: rgb(0x7A8086),
            grid: rgb(0xBFC3C7),
            band,
            band_strip: mix(band, inset, 0.55),
            band_faint: mix(band, inset, 0.30),
            band_forecast: mix(band, future, 0.65),
            limit: rgb(0x5A2A2A),
            hair: rgb(0xBFC3C7),
            future,
            fill: mix(text2, panel, 0.72),
            light: rgb(0xF4F5F5),
            ink: rgb(0x1A1C1E),
            pen_genset: rgb(0x111315),
            pen_gpu: rgb(0x0B5394),
            pen_miner: rgb(0x7B5B1E),
            pen_bess: rgb(0x2F7F79),
            pen_other: rgb(0x6B7075),
            alarm: ALARM,
        }
    }

    /// For a dim room.
    #[must_use]
    pub fn dark() -> Self {
        let (panel, inset, text2, band, future) =
            (rgb(0x34393E), rgb(0x1E2225), rgb(0xB9BFC5), rgb(0x4A6072), rgb(0x272C30));
        Self {
            dark: true,
            bg: rgb(0x2B2F33),
            panel,
            inset,
            text: rgb(0xE4E7EA),
            text2,
            live: rgb(0xCFE3F7),
            disabled: rgb(0x858D95),
            accent: rgb(0x6FB1E8),
            onaccent: rgb(0x1A1C1E),
            dead: rgb(0x6C747C),
            grid: rgb(0x3A4047),
            band,
            band_strip: mix(band, inset, 0.60),
            band_faint: mix(band, inset, 0.30),
            band_forecast: mix(band, future, 0.65),
            limit: rgb(0xE0B4B4),
            hair: rgb(0x454C53),
            future,
            fill: mix(text2, panel, 0.72),
            light: rgb(0xF4F5F5),
            ink: rgb(0x1A1C1E),
            pen_genset: rgb(0xF2F4F5),
            pen_gpu: rgb(0x6FB1E8),
            pen_miner: rgb(0xC9A45C),
            pen_bess: rgb(0x3F9C8E),
            pen_other: rgb(0x9AA2A9),
            alarm: ALARM,
        }
    }
}

/// Colours of the theme in use.
#[must_use]
pub fn tokens(ctx: &Context) -> Tokens {
    match ctx.theme() {
        Theme::Dark => Tokens::dark(),
        Theme::Light => Tokens::light(),
    }
}

/// Whether the window is of the large size class (sizes in brackets of the style).
#[must_use]
pub fn is_large(ctx: &Context) -> bool {
    ctx.content_rect().height() >= 1000.0
}

fn motion_id() -> egui::Id {
    egui::Id::unique("reduced motion")
}

/// Whether nothing may flash.
#[must_use]
pub fn reduced_motion(ctx: &Context) -> bool {
    ctx.data(|d| d.get_temp(motion_id())).unwrap_or(false)
}

/// Says whether nothing may flash.
pub fn set_reduced_motion(ctx: &Context, on: bool) {
    ctx.data_mut(|d| d.insert_temp(motion_id(), on));
}

/// Installs fonts and the two themes.
pub fn install(ctx: &Context) {
    ctx.set_fonts(fonts());
    for (theme, t) in [(Theme::Light, Tokens::light()), (Theme::Dark, Tokens::dark())] {
        ctx.style_mut_of(theme, |s| {
            s.visuals = visuals(&t);
            s.animation_time = 0.0;
            for (style, size) in [
                (egui::TextStyle::Body, 14.0),
                (egui::TextStyle::Button, 14.0),
                (egui::TextStyle::Small, 12.0),
                (egui::TextStyle::Monospace, 14.0),
                (egui::TextStyle::Heading, 18.0),
            ] {
                s.text_styles.insert(style, font(Weight::Regular, size));
            }
            s.spacing.interact_size.y = 28.0;
            // Bars beside the content, never over a row that is to be pressed.
            s.spacing.scroll = ScrollStyle { bar_width: 8.0, ..ScrollStyle::solid() };
            // A press on words is one on what they stand in; tables copy their rows as a whole.
            s.interaction.selectable_labels = false;
            s.interaction.resize_grab_radius_side = 3.0;
        });
    }
}

fn fonts() -> FontDefinitions {
    let mut f = FontDefinitions::default();
    // What Inter lacks (arrows, marks) comes from the stock faces, the monospaced one included.
    let mut fallback = f.families.get(&FontFamily::Proportional).cloned().unwrap_or_default();
    for name in f.families.get(&FontFamily::Monospace).cloned().unwrap_or_default() {
        if !fallback.contains(&name) {
            fallback.push(name);
        }
    }
    let faces: [(&str, &'static [u8]); 3] = [
        (SANS, include_bytes!("../../assets/fonts/InterT-Regular.otf")),
        (SANS_MEDIUM, include_bytes!("../../assets/fonts/InterT-Medium.otf")),
        (SANS_SEMIBOLD, include_bytes!("../../assets/fonts/InterT-SemiBold.otf")),
    ];
    for (name, bytes) in faces {
        f.font_data.insert(name.to_owned(), Arc::new(FontData::from_static(bytes)));
        let mut chain = vec![name.to_owned()];
        chain.extend(fallback.iter().cloned());
        f.families.insert(FontFamily::Name(name.into()), chain);
    }
    for family in [FontFamily::Proportional, FontFamily::Monospace] {
        let chain = f.families.entry(family).or_default();
        chain.insert(0, SANS.to_owned());
        for name in &fallback {
            if !chain.contains(name) {
                chain.push(name.clone());
            }
        }
    }
    f
}

fn visuals(t: &Tokens) -> Visuals {
    let mut v = if t.dark { Visuals::dark() } else { Visuals::light() };
    v.panel_fill = t.bg;
    v.window_fill = t.panel;
    v.extreme_bg_color = t.inset;
    v.faint_bg_color = t.inset;
    v.override_text_color = Some(t.text);
    v.hyperlink_color = t.accent;
    v.selection.bg_fill = mix(t.accent, t.inset, 0.35);
    v.selection.stroke = Stroke::new(2.0, t.accent);
    v.window_stroke = Stroke::new(1.0, t.dead);
    v.window_shadow = egui::Shadow::NONE;
    v.popup_shadow = egui::Shadow::NONE;
    for w in [
        &mut v.widgets.noninteractive,
        &mut v.widgets.inactive,
        &mut v.widgets.hovered,
        &mut v.widgets.active,
        &mut v.widgets.open,
    ] {
        w.corner_radius = egui::CornerRadius::same(3);
        w.bg_stroke = Stroke::new(1.0, t.dead);
        w.fg_stroke = Stroke::new(1.0, t.text);
        w.bg_fill = t.inset;
        w.weak_bg_fill = t.inset;
        w.expansion = 0.0;
    }
    v.widgets.hovered.bg_stroke = Stroke::new(1.0, t.text);
    v.widgets.active.bg_stroke = Stroke::new(2.0, t.accent);
    v
}
