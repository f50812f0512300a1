//! The shipped days: load of a site over 24 h in steps of 5 min. All are of our own making, none is measured.

/// Names, what they show, and texts.
pub const DAYS: [(&str, &str, &str); 4] = [
    (
        "duck",
        "a midday valley and a steep evening, as with much solar power",
        include_str!("../../assets/loads/duck.csv"),
    ),
    ("gpu-jobs", "two GPU jobs of four and six hours on a base load", include_str!("../../assets/loads/gpu-jobs.csv")),
    ("flat", "a base load that hardly moves", include_str!("../../assets/loads/flat.csv")),
    ("windy", "a load less what a wind turbine in gusts gives", include_str!("../../assets/loads/windy.csv")),
];

/// The text of a shipped day.
#[must_use]
pub fn day(name: &str) -> Option<&'static str> {
    DAYS.iter().find(|d| d.0 == name).map(|d| d.2)
}
