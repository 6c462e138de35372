"""What a file says of itself: ID3, Vorbis comments and RIFF INFO, written here. Loads neither numpy nor soundfile."""
