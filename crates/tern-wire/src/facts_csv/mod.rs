//! facts_csv
