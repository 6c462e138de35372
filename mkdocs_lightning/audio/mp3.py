"""Encode MP3 with LAME, which lets go of the interpreter's lock meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import lameenc

from mkdocs_lightning.audio.formats import MP3_QUALITY, MP3_SETTINGS
from mkdocs_lightning.audio.info_tag import info_frame

if TYPE_CHECKING:
    from mkdocs_lightning.audio.samples import Audio

_PIECE = 2**20  # samples: LAME needs eight bytes more for each that it is given at once


def to_mp3(audio: Audio) -> bytes:
    """Encode audio, at a sample rate that MP3 knows. No samples are no bytes."""
    if not len(audio.samples):
        return b""
    encoder, setting = lameenc.Encoder(), MP3_SETTINGS[audio.sample_rate]
    encoder.silence()
    encoder.set_channels(1)
    encoder.set_in_sample_rate(audio.sample_rate)
    encoder.set_out_sample_rate(audio.sample_rate)
    encoder.set_quality(MP3_QUALITY)
    if setting.target is None:
        encoder.set_bit_rate(setting.bit_rate)
    else:
        encoder.set_vbr(lameenc.VBR_MTRH)
        encoder.set_vbr_quality(setting.target)
        encoder.set_vbr_min_bitrate_kbps(setting.bit_rate)
        encoder.set_vbr_max_bitrate_kbps(setting.bit_rate)
        encoder.set_vbr_hard_min(True)  # in silence, too
    samples = audio.samples.astype("<i2", copy=False)
    pieces = (samples[start : start + _PIECE] for start in range(0, len(samples), _PIECE))
    music = b"".join([*(encoder.encode(piece.tobytes()) for piece in pieces), encoder.flush()])
    return info_frame(music, len(samples), MP3_QUALITY, setting.target) + music
