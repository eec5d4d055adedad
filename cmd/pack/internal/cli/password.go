package cli

import (
	"context"
	"fmt"
	"io"
	"strings"

	"golang.org/x/term"
)

// maxPassword bounds what is read of the standard input as a password.
const maxPassword = 64 << 10

// readPassword reads a password from the standard input, without the line break
// at its end.
func (s *session) readPassword() (string, error) {
	data, err := io.ReadAll(io.LimitReader(s.In, maxPassword+1))
	if err != nil {
		return "", fmt.Errorf("reading the password from the standard input: %w", err)
	}
	if len(data) > maxPassword {
		return "", fmt.Errorf("the password on the standard input is longer than %d bytes", maxPassword)
	}
	return strings.TrimSuffix(strings.TrimSuffix(string(data), "\n"), "\r"), nil
}

// askPassword asks for a password on the terminal, if there is one.
func (s *session) askPassword(ctx context.Context, prompt string) (string, error) {
	fmt.Fprint(s.Err, prompt)
	password, err := s.Terminal.Password(ctx)
	fmt.Fprintln(s.Err)
	return password, err
}

// terminalPassword reads a line from a terminal, which does not show it. When
// the context ends, the terminal is as it was before.
func terminalPassword(fd int) func(ctx context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		before, err := term.GetState(fd)
		if err != nil {
			return "", err
		}
		type line struct {
			text []byte
			err  error
		}
		// The reading cannot be interrupted: it ends with the process.
		read := make(chan line, 1)
		go func() {
			text, err := term.ReadPassword(fd)
			read <- line{text, err}
		}()
		select {
		case l := <-read:
			return string(l.text), l.err
		case <-ctx.Done():
			_ = term.Restore(fd, before)
			return "", ctx.Err()
		}
	}
}
