package chart_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
)

// crafted makes archives that no tool would make.
type crafted struct{ bytes.Buffer }

// begin is an archive that holds a Chart.yaml.
func begin() *crafted { return new(crafted).file("c/Chart.yaml", meta("c")) }

func (c *crafted) header(h tar.Header, data string) *crafted {
	if h.Size == 0 {
		h.Size = int64(len(data))
	}
	h.Mode, h.Format = 0o644, tar.FormatPAX
	tw := tar.NewWriter(c)
	if err := tw.WriteHeader(&h); err != nil {
		panic(err)
	}
	if h.Size == int64(len(data)) {
		c.padded(data)
	}
	return c
}

func (c *crafted) padded(data string) *crafted {
	c.WriteString(data)
	c.Write(make([]byte, -len(data)&511))
	return c
}

func (c *crafted) file(name, data string) *crafted {
	return c.header(tar.Header{Name: name, Typeflag: tar.TypeReg}, data)
}

func (c *crafted) link(name, target string, flag byte) *crafted {
	return c.header(tar.Header{Name: name, Linkname: target, Typeflag: flag}, "")
}

// raw is a header as it stands, with its checksum.
func (c *crafted) raw(name string, flag byte, size, data string) *crafted {
	var h [512]byte
	copy(h[:100], name)
	copy(h[100:], "0000644\x000000000\x000000000\x00")
	copy(h[124:136], size)
	copy(h[136:], "00000000000\x00")
	copy(h[257:], "ustar\x0000")
	h[156] = flag
	copy(h[148:], "        ")
	sum := 0
	for _, b := range h {
		sum += int(b)
	}
	copy(h[148:], fmt.Sprintf("%06o\x00 ", sum))
	c.Write(h[:])
	return c.padded(data)
}

// pax is an extended header for what follows.
func (c *crafted) pax(records ...string) *crafted {
	var b strings.Builder
	for i := 0; i < len(records); i += 2 {
		n := len(records[i]) + len(records[i+1]) + 3
		n += len(fmt.Sprint(n + len(fmt.Sprint(n))))
		fmt.Fprintf(&b, "%d %s=%s\n", n, records[i], records[i+1])
	}
	return c.raw("pax", tar.TypeXHeader, fmt.Sprintf("%011o", b.Len()), b.String())
}

// times repeats what a function adds, compressed once: it makes bombs.
func (c *crafted) bomb(n int, add func(*crafted)) []byte {
	var part crafted
	add(&part)
	packed := append(gz(c.Bytes()), bytes.Repeat(gz(part.Bytes()), n)...)
	return append(packed, gz(make([]byte, 1024))...)
}

func (c *crafted) end() []byte {
	c.Write(make([]byte, 1024))
	return gz(c.Bytes())
}

func gz(data []byte) []byte {
	var buf bytes.Buffer
	zw := gzip.NewWriter(&buf)
	if _, err := zw.Write(data); err != nil {
		panic(err)
	}
	if err := zw.Close(); err != nil {
		panic(err)
	}
	return buf.Bytes()
}

// base256 is a size as GNU tar writes large ones.
func base256(first byte, n uint64) string {
	b := make([]byte, 12)
	b[0] = first
	binary.BigEndian.PutUint64(b[4:], n)
	return string(b)
}

// gzHead is a gzip stream whose head has a flag and what belongs to it.
func gzHead(flag byte, field string) []byte {
	plain := begin().end()
	head := append([]byte{}, plain[:10]...)
	head[3] = flag
	return append(append(head, field...), plain[10:]...)
}

func corrupt(data []byte, from int) []byte {
	out := bytes.Clone(data)
	out[len(out)+from] ^= 0xff
	return out
}

// nestedArchives is an archive in an archive, so deep.
func nestedArchives(depth int) []byte {
	data := begin().end()
	for range depth {
		data = begin().file("c/charts/c.tgz", string(data)).end()
	}
	return data
}

// wide is an archive of many that hold a lot.
func wide(n int) []byte {
	inner := string(begin().file("c/values.yaml", "#"+strings.Repeat(" ", 8<<20)).end())
	c := begin()
	for i := range n {
		c.file(fmt.Sprintf("c/charts/%d.tgz", i), inner)
	}
	return c.end()
}

// hostile are archives and what is said of them; nothing is for those that are
// read, with the files that they are to have.
func hostile() map[string]struct {
	data  func() []byte
	err   string
	files map[string]string
} {
	type archives = map[string]struct {
		data  func() []byte
		err   string
		files map[string]string
	}
	c := begin
	const parent, damaged, large = "chart illegally references parent directory", "the archive is damaged", "decompressed chart is larger than the maximum size 104857600"
	one := map[string]string{"c/Chart.yaml": meta("c")}
	return archives{
		"parent":                {c().file("c/../../evil", "x").end, parent, nil},
		"parent, other slashes": {c().file(`c\..\..\evil`, "x").end, parent, nil},
		"parent, mixed slashes": {c().file(`c/..\../evil`, "x").end, parent, nil},
		"absolute":              {c().file("/etc/evil", "x").end, "", map[string]string{"c/Chart.yaml": meta("c"), "c/etc/evil": "x"}},
		"absolute inside":       {c().file("c//etc/evil", "x").end, "chart illegally contains absolute paths", nil},
		"drive":                 {c().file("c/C:/evil", "x").end, "chart contains illegally named files", nil},
		"drive, backslash":      {c().file(`c\C:\evil`, "x").end, "chart contains illegally named files", nil},
		"a dot at the top":      {new(crafted).file("./c/Chart.yaml", meta("c")).end, "Chart.yaml file is missing", nil},
		"at the root":           {c().file("evil", "x").end, `chart illegally contains content outside the base directory: "evil"`, nil},
		"null in a long name":   {c().pax("path", "c/a\x00b").raw("c/x", tar.TypeReg, "00000000000", "").end, damaged, nil},
		"escape sequence":       {c().file("c/templates/\x1b[2Ja", "x").end, `chart contains illegally named files: "c/templates/\x1b[2Ja"`, nil},
		"line break":            {c().file("c/templates/a\nkind: Secret", "x").end, "chart contains illegally named files", nil},
		"written backwards":     {c().file("c/a\u202elmay", "x").end, "chart contains illegally named files", nil},
		"long name":             {c().file("c/"+strings.Repeat("n", 5000), "x").end, "chart contains a file name of 5002 bytes: at most 4096 are allowed", nil},
		"name of megabytes":     {c().pax("path", strings.Repeat("n", 3<<20)).file("c/x", "").end, damaged, nil},
		"GNU name of megabytes": {c().raw("././@LongLink", tar.TypeGNULongName, fmt.Sprintf("%011o", 3<<20), strings.Repeat("n", 3<<20)).file("c/x", "").end, damaged, nil},
		"link out, absolute":    {c().link("c/l", "/etc", tar.TypeSymlink).end, `chart illegally links to content outside the base directory: "l" leads to "/etc"`, nil},
		"link out, relative":    {c().link("c/a/l", "../../x", tar.TypeSymlink).end, "chart illegally links to content outside", nil},
		"link out, drive":       {c().link("c/l", `C:\x`, tar.TypeSymlink).end, "chart illegally links to content outside", nil},
		"hard link out":         {c().link("c/l", "../../etc/passwd", tar.TypeLink).end, "chart illegally links to content outside", nil},
		"through a link":        {c().link("c/l", "templates", tar.TypeSymlink).file("c/l/evil", "x").end, `chart illegally has content behind a link: "l" is a link and a folder`, nil},
		"through a later link":  {c().file("c/l/evil", "x").link("c/l", ".", tar.TypeSymlink).end, "chart illegally has content behind a link", nil},
		"link inside":           {c().link("c/l", "Chart.yaml", tar.TypeSymlink).end, "", one},
		"hard link inside":      {c().link("c/l", "c/Chart.yaml", tar.TypeLink).end, "", one},
		"Chart.yaml is a link":  {new(crafted).file("c/x", meta("c")).link("c/Chart.yaml", "x", tar.TypeSymlink).end, "Chart.yaml file is missing", nil},
		"devices":               {c().link("c/d", "", tar.TypeChar).link("c/b", "", tar.TypeBlock).link("c/f", "", tar.TypeFifo).end, "", one},
		"two Chart.yaml":        {c().file("d/Chart.yaml", meta("d")).end, "chart archive has more than one Chart.yaml", nil},
		"one name twice":        {c().file("c/a", "1").file("c/a", "2").end, "", map[string]string{"c/Chart.yaml": meta("c"), "c/a": "2"}},
		"size by PAX":           {c().pax("size", "1099511627776").raw("c/x", tar.TypeReg, "00000000000", "").end, large, nil},
		"negative size by PAX":  {c().pax("size", "-1").raw("c/x", tar.TypeReg, "00000000000", "").end, damaged, nil},
		"negative size":         {c().raw("c/x", tar.TypeReg, base256(0xff, 1<<63), "").end, damaged, nil},
		"huge size":             {c().raw("c/x", tar.TypeReg, base256(0x80, 1<<62), "").end, large, nil},
		"huge size, skipped":    {c().raw("c/x", 'Z', base256(0x80, 1<<62), "").end, damaged, nil},
		"sparse":                {c().pax("GNU.sparse.major", "1", "GNU.sparse.minor", "0", "GNU.sparse.name", "c/x", "GNU.sparse.realsize", "1099511627776").raw("x", tar.TypeReg, fmt.Sprintf("%011o", 512), "1\n0\n0\n").end, large, nil},
		"sparse map":            {c().pax("GNU.sparse.major", "1", "GNU.sparse.minor", "0", "GNU.sparse.name", "c/x", "GNU.sparse.realsize", "10").raw("x", tar.TypeReg, fmt.Sprintf("%011o", 4<<20), "1000000\n"+strings.Repeat("1\n0\n", 1<<20)).end, damaged, nil},
		"bomb":                  {func() []byte { return c().bomb(50, func(p *crafted) { p.file("c/x", strings.Repeat("\x00", 8<<20)) }) }, large, nil},
		"bomb of what is skipped": {func() []byte {
			return c().bomb(50, func(p *crafted) { p.header(tar.Header{Name: "c/x", Typeflag: 'Z'}, strings.Repeat("\x00", 8<<20)) })
		}, large, nil},
		"bomb of nothing": {func() []byte { return append(c().end(), bytes.Repeat(gz(make([]byte, 8<<20)), 50)...) }, large, nil},
		"files": {func() []byte {
			return c().bomb(100, func(p *crafted) { repeat(10_000, func(i int) { p.file(fmt.Sprint("c/", i), "") }) })
		}, "chart is too large: more than 50000 files and folders", nil},
		"folders": {func() []byte {
			return c().bomb(100, func(p *crafted) {
				repeat(10_000, func(i int) { p.header(tar.Header{Name: fmt.Sprint("c/", i, "/"), Typeflag: tar.TypeDir}, "") })
			})
		}, "chart is too large: more than 50000 files and folders", nil},
		"links": {func() []byte {
			return c().bomb(100, func(p *crafted) { repeat(10_000, func(i int) { p.link(fmt.Sprint("c/", i), "x", tar.TypeSymlink) }) })
		}, "chart is too large: more than 50000 files and folders", nil},
		"extended headers": {func() []byte {
			return c().bomb(100, func(p *crafted) { repeat(10_000, func(int) { p.pax("comment", "x") }) })
		}, large, nil},
		"deep folders":    {c().file("c/"+strings.Repeat("a/", 2000)+"x", "").file("c/"+strings.Repeat("b/", 2000)+"x", "").end, "", nil},
		"nested too deep": {func() []byte { return nestedArchives(70) }, "subcharts lie more than 64 deep", nil},
		"nested":          {func() []byte { return wide(20) }, large, nil},
		"cut off":         {func() []byte { return c().end()[:100] }, damaged, nil},
		"cut off in the sum": {func() []byte {
			data := c().end()
			return data[:len(data)-3]
		}, damaged, nil},
		"bad checksum":     {func() []byte { return corrupt(c().end(), -8) }, damaged + ": gzip: invalid checksum", nil},
		"bad length":       {func() []byte { return corrupt(c().end(), -1) }, damaged, nil},
		"bad data":         {func() []byte { return corrupt(c().end(), -60) }, damaged, nil},
		"no tar":           {func() []byte { return gz([]byte(strings.Repeat("no tar at all ", 100))) }, damaged, nil},
		"members":          {func() []byte { return append(gz(c().Bytes()), gz(make([]byte, 1024))...) }, "", one},
		"data at the end":  {func() []byte { return append(c().end(), "something else"...) }, "", one},
		"name in the head": {func() []byte { return gzHead(8, strings.Repeat("n", 1<<20)+"\x00") }, damaged, nil},
		"long comment":     {func() []byte { return gzHead(16, strings.Repeat("n", 1<<20)) }, damaged, nil},
		"extra":            {func() []byte { return gzHead(4, "\xff\xff"+strings.Repeat("n", 0xffff)) }, "", one},
		"nothing":          {func() []byte { return nil }, "does not appear to be a gzipped archive", nil},
		"empty":            {new(crafted).end, "no files in chart archive", nil},
		"empty, no end":    {func() []byte { return gz(nil) }, "no files in chart archive", nil},
		"folders only":     {new(crafted).header(tar.Header{Name: "c/", Typeflag: tar.TypeDir}, "").end, "no files in chart archive", nil},
	}
}

func repeat(n int, do func(int)) {
	for i := range n {
		do(i)
	}
}

// TestHostileArchives reads and unpacks them. The bound on memory is of all that
// is taken in the course of it: it is far above what is in use at a time.
func TestHostileArchives(t *testing.T) {
	for name, tc := range hostile() {
		t.Run(name, func(t *testing.T) {
			data := tc.data()
			used := allocated(func() {
				_, err := chart.Read(bytes.NewReader(data), chart.LoadOptions{})
				checkError(t, "Read", err, tc.err)
			})
			if used > 400 {
				t.Errorf("%d MB were allocated", used)
			}
			outside := t.TempDir()
			dir := filepath.Join(outside, "a", "b")
			if err := os.MkdirAll(dir, 0o755); err != nil {
				t.Fatal(err)
			}
			_, err := chart.Expand(t.Context(), bytes.NewReader(data), dir, chart.LoadOptions{})
			if name == "nested" || name == "nested too deep" {
				return // what is inside stays packed
			}
			if tc.err == "Chart.yaml file is missing" {
				tc.err = "chart name not specified"
			}
			checkError(t, "Expand", err, tc.err)
			want := map[string]string{}
			for file, content := range tc.files {
				want["a/b/"+file] = content
			}
			if name == "deep folders" {
				return
			}
			if diff := cmp.Diff(want, treeOf(t, outside)); diff != "" {
				t.Errorf("what was written (-want +got):\n%s", diff)
			}
		})
	}
}

func checkError(t *testing.T, what string, err error, want string) {
	t.Helper()
	switch {
	case want == "" && err != nil:
		t.Errorf("%s: %v", what, err)
	case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
		t.Errorf("%s: error %v, want %s", what, err, want)
	case err != nil && len(err.Error()) > 10_000:
		t.Errorf("%s: an error of %d bytes", what, len(err.Error()))
	}
	if _, ok := errors.AsType[*chart.Error](err); err != nil && !ok {
		t.Errorf("%s: error is a %T", what, err)
	}
}

// allocated is how many megabytes do takes up, those included that it gives back.
func allocated(do func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	return (after.TotalAlloc - before.TotalAlloc) >> 20
}
