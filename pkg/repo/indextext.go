package repo

import "bytes"

// isPlain says whether a comment is of printable ASCII.
func isPlain(comment []byte) bool {
	return !bytes.ContainsFunc(comment, func(r rune) bool { return r != '\t' && (r < ' ' || r > '~') })
}

// oddBreak says whether a text has what YAML takes for the end of a line beside
// line feeds, with or without a carriage return: what follows would have to be
// looked at as a line of its own.
func oddBreak(text []byte) bool {
	for rest := text; ; {
		i := bytes.IndexByte(rest, '\r')
		if i < 0 {
			break
		}
		if rest = rest[i+1:]; len(rest) == 0 || rest[0] != '\n' {
			return true
		}
	}
	return bytes.Contains(text, []byte("\u0085")) || bytes.Contains(text, []byte("\u2028")) || bytes.Contains(text, []byte("\u2029"))
}
