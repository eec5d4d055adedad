package blockgzip_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/seed-0d4f92cc/pack/internal/blockgzip"
)

// text is n bytes that look like a manifest, the same every time.
func text(n int) []byte {
	random := rand.New(rand.NewPCG(1, 2))
	var b bytes.Buffer
	for b.Len() < n {
		fmt.Fprintf(&b, "- name: field-%d\n  description: what field %d of %x is for\n  type: string\n", b.Len()%97, random.IntN(1000), random.Uint32())
	}
	return b.Bytes()[:n]
}

// compress writes data in pieces of a size.
func compress(t testing.TB, data []byte, piece int) []byte {
	t.Helper()
	var out bytes.Buffer
	w := blockgzip.NewWriter(&out)
	for rest := data; len(rest) > 0; {
		n := min(piece, len(rest))
		if got, err := w.Write(rest[:n]); got != n || err != nil {
			t.Fatalf("wrote %d of %d bytes: %v", got, n, err)
		}
		rest = rest[n:]
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestWriter(t *testing.T) {
	t.Parallel()
	const block = 1 << 20
	for _, n := range []int{0, 1, 1000, block - 1, block, block + 1, block + 100, 3*block + 7} {
		data := text(n)
		packed := compress(t, data, 1<<20)
		zr, err := gzip.NewReader(bytes.NewReader(packed))
		if err != nil {
			t.Fatalf("%d bytes: %v", n, err)
		}
		got, err := io.ReadAll(zr)
		if err != nil || !bytes.Equal(got, data) {
			t.Errorf("%d bytes: read %d others, %v", n, len(got), err)
		}
		if !bytes.Equal(packed, compress(t, data, 100_003)) {
			t.Errorf("%d bytes: the sizes of writes show", n)
		}
	}
}

// What archives are made of is compared by digest: a new version of the library
// that makes other bytes is a change to tell of.
func TestWriterIsReproducible(t *testing.T) {
	t.Parallel()
	const want = "985a4d074774e2bf6b663b95398654741c210dded0d15bbca6f24d8a6cd93841"
	sum := sha256.Sum256(compress(t, text(2_000_000), 1<<20))
	if got := hex.EncodeToString(sum[:]); got != want {
		t.Errorf("the digest is %s, it was %s", got, want)
	}
}

// failing takes so many bytes.
type failing struct{ left int }

func (f *failing) Write(p []byte) (int, error) {
	if f.left -= len(p); f.left < 0 {
		return 0, io.ErrClosedPipe
	}
	return len(p), nil
}

func TestWriterErrors(t *testing.T) {
	t.Parallel()
	data := text(5 << 20)
	for _, left := range []int{0, 5, 100_000} {
		w := blockgzip.NewWriter(&failing{left})
		if _, err := w.Write(data); err != nil && !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("after %d bytes: Write fails with %v", left, err)
		}
		if err := w.Close(); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("after %d bytes: Close fails with %v", left, err)
		}
	}
}
