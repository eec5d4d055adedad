package tarsafe_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"path"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/internal/tarsafe"
)

type entry struct {
	name string
	data string
	flag byte
}

// archive makes a gzipped tar; entries without a type are regular files.
func archive(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var buf bytes.Buffer
	zw := gzip.NewWriter(&buf)
	tw := tar.NewWriter(zw)
	for _, e := range entries {
		h := &tar.Header{Name: e.name, Size: int64(len(e.data)), Typeflag: e.flag, Mode: 0o644}
		if e.flag == 0 {
			h.Typeflag = tar.TypeReg
		}
		if e.flag == tar.TypeSymlink || e.flag == tar.TypeLink {
			h.Linkname = "c/a"
			if e.flag == tar.TypeSymlink {
				h.Linkname = "a"
			}
		}
		if err := tw.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(tw, e.data); err != nil {
			t.Fatal(err)
		}
	}
	if err := tw.Close(); err != nil {
		t.Fatal(err)
	}
	if err := zw.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// cut is an archive of which so many bytes are left before they are compressed.
func cut(t *testing.T, data []byte, size int64) []byte {
	t.Helper()
	zr, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	var buf bytes.Buffer
	zw := gzip.NewWriter(&buf)
	if _, err := io.CopyN(zw, zr, size); err != nil {
		t.Fatal(err)
	}
	if err := zw.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func read(data []byte, b *tarsafe.Budget) (map[string]string, []string, error) {
	var warnings []string
	files, err := tarsafe.Read(bytes.NewReader(data), b, func(text string) { warnings = append(warnings, text) })
	out := map[string]string{}
	for _, f := range files {
		out[f.Name] = string(f.Data)
	}
	return out, warnings, err
}

func TestName(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ want, err string }{
		"c/Chart.yaml":            {"Chart.yaml", ""},
		"anything/a/b":            {"a/b", ""},
		`c\templates\a.yaml`:      {"templates/a.yaml", ""},
		"c/templates/../values":   {"values", ""},
		"./c/Chart.yaml":          {"c/Chart.yaml", ""},
		"/c/Chart.yaml":           {"c/Chart.yaml", ""},
		"c/C:x":                   {"C:x", ""},
		"c//a":                    {"", "chart illegally contains absolute paths"},
		"file":                    {"", `chart illegally contains content outside the base directory: "file"`},
		"c/.":                     {"", `chart illegally contains content outside the base directory: "c/."`},
		"c/../../etc/passwd":      {"", "chart illegally references parent directory"},
		`c\..\..\etc\passwd`:      {"", "chart illegally references parent directory"},
		"c/..t.yaml":              {"", "chart illegally references parent directory"},
		"c/C:/x":                  {"", "chart contains illegally named files"},
		"c/a\x00b":                {"", `chart contains illegally named files: "c/a\x00b" has characters that are not shown`},
		"c/a\x1b[2J":              {"", `chart contains illegally named files: "c/a\x1b[2J" has characters that are not shown`},
		"c/a\u202eyaml":           {"", `chart contains illegally named files: "c/a\u202eyaml" has characters that are not shown`},
		"c/a\u2028b":              {"", `chart contains illegally named files: "c/a\u2028b" has characters that are not shown`},
		"c/ä é.yaml":              {"ä é.yaml", ""},
		"Chart.yaml/a":            {"", "chart yaml not in base directory"},
		strings.Repeat("a", 5000): {"", "chart contains a file name of 5000 bytes: at most 4096 are allowed"},
	}
	for name, tc := range tests {
		got, err := tarsafe.Name(name)
		var text string
		if err != nil {
			text = err.Error()
		}
		if got != tc.want || text != tc.err {
			t.Errorf("Name(%.50q) = %q, %q; want %q, %q", name, got, text, tc.want, tc.err)
		}
	}
}

func TestRead(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		entries  []entry
		want     map[string]string
		warnings []string
	}{
		"regular files and folders": {
			[]entry{{"c/", "", tar.TypeDir}, {"c/a", "1", 0}, {"c/d/b", "2", 0}},
			map[string]string{"a": "1", "d/b": "2"}, nil,
		},
		"top folders do not matter": {
			[]entry{{"x/a", "1", 0}, {"y/b", "2", 0}}, map[string]string{"a": "1", "b": "2"}, nil,
		},
		"the last of a name counts": {
			[]entry{{"c/a", "1", 0}, {"d/a", "2", 0}}, map[string]string{"a": "2"},
			[]string{`the archive has "a" more than once: the last one counts`},
		},
		"links and devices are left out": {
			[]entry{{"c/a", "1", 0}, {"c/l", "", tar.TypeSymlink}, {"c/h", "", tar.TypeLink}, {"c/d", "", tar.TypeChar}, {"c/f", "", tar.TypeFifo}},
			map[string]string{"a": "1"},
			[]string{
				`left out "l": the archive has it as a symbolic link`,
				`left out "h": the archive has it as a hard link`,
				`left out "d": the archive has it as a device`,
				`left out "f": the archive has it as a named pipe`,
			},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, warnings, err := read(archive(t, tc.entries...), tarsafe.NewBudget(1000, 100))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("files (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tc.warnings, warnings); diff != "" {
				t.Errorf("warnings (-want +got):\n%s", diff)
			}
		})
	}
}

func TestReadErrors(t *testing.T) {
	t.Parallel()
	whole := archive(t, entry{"c/a", strings.Repeat("x", 3000), 0})
	var many []entry
	for i := range 30 {
		many = append(many, entry{"c/" + string(rune('a'+i%26)) + strings.Repeat("y", i), "", 0})
	}
	tests := map[string]struct {
		data []byte
		want error
	}{
		"nothing":           {nil, tarsafe.ErrNotGzip},
		"text":              {[]byte("hello world"), tarsafe.ErrNotGzip},
		"no files":          {archive(t), tarsafe.ErrEmpty},
		"folders only":      {archive(t, entry{"c/", "", tar.TypeDir}), tarsafe.ErrEmpty},
		"cut off":           {whole[:len(whole)/2], io.ErrUnexpectedEOF},
		"cut in a padding":  {cut(t, whole, 512+3000+1), io.ErrUnexpectedEOF},
		"two Chart.yaml":    {archive(t, entry{"c/Chart.yaml", "a", 0}, entry{"d/Chart.yaml", "b", 0}), tarsafe.ErrAmbiguous},
		"one large file":    {archive(t, entry{"c/a", strings.Repeat("x", 5001), 0}), tarsafe.ErrTooLarge},
		"sum of files":      {archive(t, entry{"c/a", strings.Repeat("x", 3000), 0}, entry{"c/b", strings.Repeat("x", 3000), 0}), tarsafe.ErrTooLarge},
		"count of files":    {archive(t, many...), tarsafe.ErrTooLarge},
		"depth of one name": {archive(t, entry{"c/" + strings.Repeat("d/", 25) + "x", "", 0}), tarsafe.ErrTooLarge},
		"skipped data":      {archive(t, entry{"c/a", strings.Repeat("x", 200_000), 'Z'}, entry{"c/b", "", 0}), tarsafe.ErrTooLarge},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _, err := read(tc.data, tarsafe.NewBudget(5000, 20))
			if !errors.Is(err, tc.want) {
				t.Fatalf("error is %v, want %v", err, tc.want)
			}
		})
	}
}

// A budget is shared by all that is read with it.
func TestBudgetIsShared(t *testing.T) {
	t.Parallel()
	b := tarsafe.NewBudget(5000, 20)
	data := archive(t, entry{"c/a", strings.Repeat("x", 3000), 0})
	if _, _, err := read(data, b); err != nil {
		t.Fatal(err)
	}
	_, _, err := read(data, b)
	if !errors.Is(err, tarsafe.ErrTooLarge) || err.Error() != "decompressed chart is larger than the maximum size 5000" {
		t.Fatalf("error is %v", err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(archive(f, entry{"c/Chart.yaml", "name: c", 0}, entry{"c/templates/a", "x", 0}))
	f.Add(archive(f, entry{"c/../a", "x", 0}))
	f.Add(archive(f, entry{"c/l", "", tar.TypeSymlink}, entry{"c/a", "x", 0}))
	f.Fuzz(func(t *testing.T, data []byte) {
		const maxBytes, maxFiles = 10_000, 50
		files, err := tarsafe.Read(bytes.NewReader(data), tarsafe.NewBudget(maxBytes, maxFiles), func(string) {})
		if err != nil && files != nil {
			t.Fatal("files beside an error")
		}
		var sum int
		seen := map[string]bool{}
		for _, file := range files {
			sum += len(file.Data)
			if seen[file.Name] {
				t.Fatalf("%q comes twice", file.Name)
			}
			seen[file.Name] = true
			if file.Name != path.Clean(file.Name) || path.IsAbs(file.Name) || strings.HasPrefix(file.Name, "..") || file.Name == "." {
				t.Fatalf("%q is no path below the chart", file.Name)
			}
		}
		if sum > maxBytes || len(files) > maxFiles {
			t.Fatalf("%d bytes in %d files", sum, len(files))
		}
	})
}

func FuzzName(f *testing.F) {
	for _, s := range []string{"c/a", `c\..\a`, "c/../../a", "c//a", "c/C:/a", "./c/a"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, entry string) {
		name, err := tarsafe.Name(entry)
		if err != nil {
			return
		}
		// Joined to any folder it stays below that folder.
		if joined := path.Join("/root", name); !strings.HasPrefix(joined, "/root/") {
			t.Fatalf("%q leads to %q", entry, joined)
		}
	})
}
