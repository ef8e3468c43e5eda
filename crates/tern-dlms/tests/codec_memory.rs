//! What a peer sends takes memory by what it is, not by what it announces. A process of its own, because what is measured is the
//! whole process.

use tern_dlms::apdu::Apdu;
use tern_dlms::wrapper::read_frame;
use tern_dlms::{Codec, Data};

/// The most memory that the process has had since it was last asked, in kB, where the system tells.
fn peak_kilobytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// Forgets the peak so far.
fn forget_peak() {
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

/// By how many kB the peak rises while `work` runs.
fn risen_kilobytes(work: impl FnOnce()) -> u64 {
    forget_peak();
    let before = peak_kilobytes();
    work();
    peak_kilobytes().zip(before).map_or(0, |(after, before)| after.saturating_sub(before))
}

/// A header that announces 4 GiB, and nothing behind it, in arrays as deep as they may be.
fn announced(tag: u8) -> Vec<u8> {
    let mut bytes = [1, 0x84, 0xFF, 0xFF, 0xFF, 0xFF].repeat(15);
    bytes.extend([tag, 0x84, 0xFF, 0xFF, 0xFF, 0xFF]);
    bytes
}

#[test]
fn memory_goes_by_what_is_there() {
    let announced_only = risen_kilobytes(|| {
        for tag in [1, 2, 4, 9, 10, 12] {
            assert!(Data::decode(&announced(tag)).is_err());
        }
        for head in
            ["C0 03 C1", "C1 04 C1", "C3 03 C1", "C4 03 C1", "C5 05 C1", "C7 03 C1", "60", "61", "DB", "DF", "C8"]
        {
            let digits = head.split(' ').map(|byte| u8::from_str_radix(byte, 16).expect("a byte"));
            let bytes: Vec<u8> = digits.chain([0x84, 0xFF, 0xFF, 0xFF, 0xFF]).collect();
            assert!(Apdu::decode(&bytes).is_err(), "{head}");
        }
        assert!(read_frame(&mut [0, 1, 0, 16, 0, 1, 0xFF, 0xFF].as_slice(), 65_535).is_err());
    });
    assert!(announced_only < 1 << 10, "{announced_only} kB for nothing");

    // The smallest elements that there are, in a megabyte of them, as reassembled blocks could bring it.
    let megabyte = [&[1, 0x83, 0x0F, 0xFF, 0xFB][..], &vec![0; 0x000F_FFFB]].concat();
    let smallest = risen_kilobytes(|| assert!(Data::decode(&megabyte).is_err()));
    let strings = [&[1, 0x83, 0x05, 0x55, 0x55][..], &[9, 1, 0x41].repeat(0x0005_5555)].concat();
    let strings = risen_kilobytes(|| assert!(Data::decode(&strings).is_err()));
    assert!(smallest.max(strings) < 16 << 10, "{smallest} kB, {strings} kB");
    println!("announced {announced_only} kB, a megabyte of null-data {smallest} kB, of strings {strings} kB");
}
