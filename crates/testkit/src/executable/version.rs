//! Resources that tell a program's version (Microsoft, "VS_VERSIONINFO").

/// A version resource: a block with numbers, a table of strings.
pub fn version(strings: &[(&str, &str)]) -> Vec<u8> {
    fn block(key: &str, value: &[u8], text: bool, inner: &[u8]) -> Vec<u8> {
        let mut out = vec![0; 6];
        out.extend(key.encode_utf16().chain([0]).flat_map(u16::to_le_bytes));
        out.resize(out.len().next_multiple_of(4), 0);
        out.extend(value);
        out.resize(out.len().next_multiple_of(4), 0);
        out.extend(inner);
        let units = if text { value.len() / 2 } else { value.len() };
        let [low, high] = u16::try_from(out.len()).unwrap_or(u16::MAX).to_le_bytes();
        let [less, more] = u16::try_from(units).unwrap_or(u16::MAX).to_le_bytes();
        for (to, from) in out.iter_mut().zip([low, high, less, more, u8::from(text)]) {
            *to = from;
        }
        out.resize(out.len().next_multiple_of(4), 0);
        out
    }
    let strings: Vec<u8> = strings
        .iter()
        .flat_map(|(key, value)| {
            let value: Vec<u8> = value.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect();
            block(key, &value, true, &[])
        })
        .collect();
    let table = block("040904b0", &[], true, &strings);
    let info = block("StringFileInfo", &[], true, &table);
    let mut fixed = b"\xbd\x04\xef\xfe\0\0\x01\0".to_vec();
    fixed.extend(b"\x02\0\x01\0\x04\0\x03\0\x06\0\x05\0\x08\0\x07\0");
    fixed.resize(52, 0);
    block("VS_VERSION_INFO", &fixed, false, &info)
}
