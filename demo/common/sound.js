/**
 * Short sounds, off until the player asks for them.
 *
 * @typedef {"flap" | "point" | "crash"} Sound
 */

/** @type {Record<Sound, { from: number, to: number, seconds: number, shape: OscillatorType }>} */
const SOUNDS = {
  flap: { from: 420, to: 620, seconds: 0.08, shape: "sine" },
  point: { from: 880, to: 1320, seconds: 0.12, shape: "triangle" },
  crash: { from: 220, to: 60, seconds: 0.3, shape: "sawtooth" },
};
const VOLUME = 0.12;

/** @param {HTMLElement} button  Switches the sound. */
export function createSound(button) {
  /** @type {AudioContext | null} */
  let context = null;

  button.addEventListener("click", (event) => {
    // After a click the space bar is the game's again; who came by keyboard stays on the button.
    if (event.detail > 0) button.blur();
    // Browsers allow sound only after the visitor did something, as here.
    if (context) {
      void context.close();
      context = null;
    } else {
      context = new AudioContext();
    }
    button.setAttribute("aria-pressed", String(context !== null));
  });

  return {
    /** @param {Sound} name */
    play(name) {
      if (!context) return;
      const { from, to, seconds, shape } = SOUNDS[name];
      const now = context.currentTime;
      const tone = new OscillatorNode(context, { type: shape, frequency: from });
      tone.frequency.exponentialRampToValueAtTime(to, now + seconds);
      const volume = new GainNode(context, { gain: VOLUME });
      volume.gain.exponentialRampToValueAtTime(0.001, now + seconds);
      tone.connect(volume).connect(context.destination);
      tone.start(now);
      tone.stop(now + seconds);
    },
  };
}
