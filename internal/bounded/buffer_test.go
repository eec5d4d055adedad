package bounded_test

import (
	"io"
	"testing"

	"github.com/seed-0d4f92cc/pack/internal/bounded"
)

func TestBuffer(t *testing.T) {
	t.Parallel()
	b := bounded.Buffer{Most: 5}
	for _, step := range []struct {
		write, want string
		over        bool
	}{
		{"abc", "abc", false},
		{"de", "abcde", false},
		{"f", "abcde", true},
		{"", "abcde", true},
		{"ghijkl", "abcde", true},
	} {
		if n, err := io.WriteString(&b, step.write); n != len(step.write) || err != nil {
			t.Errorf("writing %q: %d, %v", step.write, n, err)
		}
		if b.String() != step.want || string(b.Bytes()) != step.want || b.Over() != step.over {
			t.Errorf("after %q: %q, over %v", step.write, b.String(), b.Over())
		}
	}
}
