//! JPEG, decoded by the crate `zune-jpeg`, which enters here and nowhere else.

use super::Grey;
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

fn decoder(bytes: &[u8]) -> Option<JpegDecoder<ZCursor<&[u8]>>> {
    let options = DecoderOptions::default()
        .jpeg_set_out_colorspace(ColorSpace::Luma)
        .set_max_width(1 << 16)
        .set_max_height(1 << 16);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().ok()?;
    Some(decoder)
}

pub(super) fn size(bytes: &[u8]) -> Option<(usize, usize)> {
    decoder(bytes)?.dimensions()
}

pub(super) fn decode(bytes: &[u8]) -> Result<Grey, &'static str> {
    let mut decoder = decoder(bytes).ok_or("the picture's head is damaged")?;
    let (width, height) = decoder.dimensions().ok_or("the picture's head is damaged")?;
    let pixels = decoder
        .decode()
        .map_err(|_| "the picture is damaged, or of a kind of JPEG that is not decoded")?;
    Ok(Grey { width, height, pixels })
}
