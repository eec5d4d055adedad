package tarsafe_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/seed-0d4f92cc/pack/internal/tarsafe"
)

// tarOf is a tar archive of one file.
func tarOf(t *testing.T) []byte {
	t.Helper()
	var buf bytes.Buffer
	tw := tar.NewWriter(&buf)
	if err := tw.WriteHeader(&tar.Header{Name: "a/Chart.yaml", Size: 4, Typeflag: tar.TypeReg}); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(tw, "name"); err != nil {
		t.Fatal(err)
	}
	if err := tw.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func gzipped(t *testing.T, data []byte) []byte {
	t.Helper()
	var buf bytes.Buffer
	zw := gzip.NewWriter(&buf)
	if _, err := zw.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := zw.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func TestMembers(t *testing.T) {
	t.Parallel()
	plain := tarOf(t)
	whole := gzipped(t, plain)
	badSum := bytes.Clone(whole)
	badSum[len(badSum)-5] ^= 1
	for name, c := range map[string]struct {
		data []byte
		fail bool
	}{
		"one":              {whole, false},
		"two":              {append(gzipped(t, plain[:700]), gzipped(t, plain[700:])...), false},
		"an empty one too": {append(bytes.Clone(whole), gzipped(t, nil)...), false},
		"padded":           {append(bytes.Clone(whole), make([]byte, 1000)...), false},
		"followed":         {append(bytes.Clone(whole), "more"...), false},
		"like gzip":        {append(bytes.Clone(whole), 0x1f, 0x8b, 8), false},
		"wrong checksum":   {badSum, true},
		"cut off":          {whole[:len(whole)-3], true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files, err := tarsafe.Read(bytes.NewReader(c.data), tarsafe.NewBudget(1<<20, 10), func(text string) { t.Errorf("warned of %s", text) })
			if c.fail {
				if err == nil || !strings.Contains(err.Error(), "damaged") && !errors.Is(err, io.ErrUnexpectedEOF) {
					t.Errorf("error %v", err)
				}
				return
			}
			if err != nil || len(files) != 1 || string(files[0].Data) != "name" {
				t.Errorf("%v, %v", files, err)
			}
		})
	}
}
