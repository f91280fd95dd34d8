//! JPEG, decoded by the crate `zune-jpeg`, which enters here and nowhere else.

use super::{Grey, luma};
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

fn decoder(bytes: &[u8], colours: ColorSpace) -> Option<JpegDecoder<ZCursor<&[u8]>>> {
    let options = DecoderOptions::default()
        .jpeg_set_out_colorspace(colours)
        .set_max_width(1 << 16)
        .set_max_height(1 << 16);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().ok()?;
    Some(decoder)
}

pub(super) fn size(bytes: &[u8]) -> Option<(usize, usize)> {
    decoder(bytes, ColorSpace::Luma)?.dimensions()
}

pub(super) fn decode(bytes: &[u8]) -> Result<Grey, &'static str> {
    let mut decoder_to_grey = decoder(bytes, ColorSpace::Luma).ok_or("the picture's head is damaged")?;
    let (width, height) = decoder_to_grey.dimensions().ok_or("the picture's head is damaged")?;
    let pixels = match decoder_to_grey.decode() {
        Ok(pixels) => pixels,
        // From the colours of printing there is no way to grey but by those of screens.
        Err(_) => {
            let colours = decoder(bytes, ColorSpace::RGB).and_then(|mut decoder| decoder.decode().ok());
            let colours = colours.ok_or("the picture is damaged, or of a kind of JPEG that is not decoded")?;
            let pixels = colours.as_chunks::<3>().0.iter();
            pixels.map(|&[red, green, blue]| luma(red, green, blue)).collect()
        }
    };
    Ok(Grey { width, height, pixels })
}
