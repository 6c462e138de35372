/* Lock screens and hardware keys. */

function describe(player) {
  if (!navigator.mediaSession) return;
  const handlers = {
    play: () => active?.start(),
    pause: () => active?.audio.pause(),
    stop: () => active && end(),
    seekbackward: ({ seekOffset }) => active?.skip(-(seekOffset || SKIP)),
    seekforward: ({ seekOffset }) => active?.skip(seekOffset || SKIP),
    seekto: ({ seekTime }) => active?.seek(seekTime),
    previoustrack: neighbour(-1) ? goToPrevious : null,
    nexttrack: neighbour(1) ? () => neighbour(1)?.start(0) : null,
  };
  const { heading: title, site: artist } = player.dataset;
  navigator.mediaSession.metadata = new MediaMetadata({ title, artist });
  for (const [action, handler] of Object.entries(handlers)) {
    try {
      navigator.mediaSession.setActionHandler(action, handler);
    } catch {
      // not every browser supports every action
    }
  }
}

function setPositionState({ audio, duration }) {
  const position = Math.min(audio.currentTime, duration);
  navigator.mediaSession?.setPositionState?.({ duration, position, playbackRate: audio.playbackRate });
}
