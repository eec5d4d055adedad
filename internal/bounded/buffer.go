// Package bounded keeps what others write, up to a limit.
package bounded

import "bytes"

// Buffer keeps what is written to it up to a number of bytes. More is taken and
// forgotten, so that the writer comes to its end.
type Buffer struct {
	// Most is how much is kept.
	Most int64

	b    bytes.Buffer
	over bool
}

// Write never fails.
func (l *Buffer) Write(p []byte) (int, error) {
	if room := l.Most - int64(l.b.Len()); int64(len(p)) > room {
		l.over = true
		l.b.Write(p[:max(room, 0)])
		return len(p), nil
	}
	return l.b.Write(p)
}

// Bytes is what was kept.
func (l *Buffer) Bytes() []byte { return l.b.Bytes() }

// String is what was kept, as a text.
func (l *Buffer) String() string { return l.b.String() }

// Over says whether more was written than is kept.
func (l *Buffer) Over() bool { return l.over }
