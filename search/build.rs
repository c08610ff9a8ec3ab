//! Turns the zip codes of the `zipcodes` crate (megabytes of JSON objects) into two small sorted tables, so that a node
//! carries and reads only what `places` answers from.
//!
//! `cities.tsv`: folded name, name, state, latitude, longitude, number of zip codes; sorted by folded name and state.
//! `zips.tsv`: zip code, line of its city in `cities.tsv` (from 0), latitude, longitude; sorted by zip code.
//! Where a place is not known, latitude and longitude are empty.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

#[path = "src/fold.rs"]
#[expect(unreachable_pub, reason = "it is public in the crate that shares it")]
mod fold;

/// A city's points, each the sum of as many as were counted.
#[derive(Default)]
struct City {
    zips: u32,
    located: u32,
    lat_sum: f64,
    lon_sum: f64,
}

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=src/fold.rs");

    let mut zips = zipcodes::similar_to("", None);
    zips.sort_by(|a, b| a.zip_code.cmp(&b.zip_code));

    // A city goes by its own name and by those that the post accepts for it.
    let mut cities: BTreeMap<(String, String, String), City> = BTreeMap::new();
    for zip in &zips {
        for name in std::iter::once(&zip.city).chain(&zip.acceptable_cities) {
            let city = cities.entry((fold::fold(name), zip.state.clone(), name.clone())).or_default();
            city.zips += 1;
            if let Some((lat, lon)) = point(zip) {
                city.located += 1;
                city.lat_sum += lat;
                city.lon_sum += lon;
            }
        }
    }

    let mut cities_tsv = String::new();
    for ((folded, state, name), city) in &cities {
        let (lat, lon) = match f64::from(city.located) {
            0.0 => (String::new(), String::new()),
            n => (format!("{:.4}", city.lat_sum / n), format!("{:.4}", city.lon_sum / n)),
        };
        writeln!(cities_tsv, "{folded}\t{name}\t{state}\t{lat}\t{lon}\t{}", city.zips)
            .expect("a string grows");
    }

    let lines: BTreeMap<_, usize> =
        cities.keys().enumerate().map(|(line, key)| (key.clone(), line)).collect();
    let mut zips_tsv = String::new();
    for zip in &zips {
        let line = lines[&(fold::fold(&zip.city), zip.state.clone(), zip.city.clone())];
        let (lat, lon) = match point(zip) {
            Some((lat, lon)) => (lat.to_string(), lon.to_string()),
            None => (String::new(), String::new()),
        };
        writeln!(zips_tsv, "{}\t{line}\t{lat}\t{lon}", zip.zip_code).expect("a string grows");
    }

    // Cargo always sets the variable for a build script.
    let folder = std::env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    for (name, text) in [("cities.tsv", cities_tsv), ("zips.tsv", zips_tsv)] {
        std::fs::write(Path::new(&folder).join(name), text).expect("the build folder is writable");
    }
}

/// Where a zip code is. The data writes 0, 0 for military and other places without a location.
fn point(zip: &zipcodes::Zipcode) -> Option<(f64, f64)> {
    let (lat, lon) = (zip.lat.parse().ok()?, zip.long.parse().ok()?);
    (lat != 0.0 || lon != 0.0).then_some((lat, lon))
}
