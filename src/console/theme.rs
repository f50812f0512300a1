//! Placeholder.
use egui::Color32;
pub const SANS: &str = "sans";
pub const SANS_MEDIUM: &str = "sans-medium";
pub const SANS_SEMIBOLD: &str = "sans-semibold";
#[derive(Clone, Copy, Debug)]
pub struct Tokens {
    pub bg: Color32,
    pub panel: Color32,
    pub inset: Color32,
    pub text: Color32,
    pub text2: Color32,
    pub live: Color32,
    pub disabled: Color32,
    pub accent: Color32,
    pub onaccent: Color32,
    pub dead: Color32,
    pub grid: Color32,
    pub band: Color32,
    pub limit: Color32,
    pub hair: Color32,
    pub gpu: Color32,
    pub miner: Color32,
    pub bess: Color32,
    pub gen_pen: Color32,
    pub other: Color32,
}
const fn c(v: u32) -> Color32 {
    Color32::from_rgb((v >> 16) as u8, (v >> 8) as u8, v as u8)
}
pub fn tokens(ctx: &egui::Context) -> Tokens {
    if ctx.theme() == egui::Theme::Dark {
        Tokens {
            bg: c(0x2B2F33),
            panel: c(0x34393E),
            inset: c(0x1E2225),
            text: c(0xE4E7EA),
            text2: c(0xB9BFC5),
            live: c(0xCFE3F7),
            disabled: c(0x858D95),
            accent: c(0x6FB1E8),
            onaccent: c(0x1E2225),
            dead: c(0x6C747C),
            grid: c(0x3A4047),
            band: c(0x4A6072),
            limit: c(0xE0B4B4),
            hair: c(0x454C53),
            gpu: c(0x6FB1E8),
            miner: c(0xC9A45C),
            bess: c(0x3F9C8E),
            gen_pen: c(0xF2F4F5),
            other: c(0x9AA2A9),
        }
    } else {
        Tokens {
            bg: c(0xC9CBCD),
            panel: c(0xD9DBDD),
            inset: c(0xE9EAEB),
            text: c(0x1A1C1E),
            text2: c(0x4A4F55),
            live: c(0x0A2F5C),
            disabled: c(0x63696F),
            accent: c(0x0B5394),
            onaccent: c(0xFFFFFF),
            dead: c(0x7A8086),
            grid: c(0xBFC3C7),
            band: c(0xA9BCCB),
            limit: c(0x5A2A2A),
            hair: c(0xBFC3C7),
            gpu: c(0x0B5394),
            miner: c(0x7B5B1E),
            bess: c(0x2F7F79),
            gen_pen: c(0x111315),
            other: c(0x6B7075),
        }
    }
}
