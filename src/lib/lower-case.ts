// Lower case as addresses and names of hosts have it.

/** A text with A to Z in lower case, and nothing else: other letters have lower case among them (U+212A, the Kelvin sign). */
export const lowerCase = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
