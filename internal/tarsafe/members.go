package tarsafe

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
)

// isGzip says whether data begins as gzip does, with the only method there is.
func isGzip(data []byte) bool {
	return len(data) >= 3 && data[0] == 0x1f && data[1] == 0x8b && data[2] == 8
}

// members reads the members of a gzip stream one after the other. What follows
// the last one is passed over: Helm does not look at it, and some programs pad
// what they write.
type members struct {
	in   *bufio.Reader
	gzip *gzip.Reader
	warn func(string)
}

func (m *members) Read(p []byte) (int, error) {
	for {
		m.gzip.Multistream(false)
		n, err := m.gzip.Read(p)
		if n > 0 && errors.Is(err, io.EOF) {
			err = nil
		}
		if n > 0 || !errors.Is(err, io.EOF) {
			return n, err
		}
		if !m.next() {
			return 0, io.EOF
		}
	}
}

// next goes on to the next member, if there is one.
func (m *members) next() bool {
	behind, err := m.in.Peek(512)
	if isGzip(behind) && m.gzip.Reset(m.in) == nil {
		return true
	}
	if len(bytes.TrimLeft(behind, "\x00")) > 0 && (err == nil || errors.Is(err, io.EOF)) {
		m.warn("the archive is followed by data that is no part of it")
	}
	return false
}
