package tarsafe_test

import (
	"archive/tar"
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/internal/tarsafe"
)

func TestReadTree(t *testing.T) {
	t.Parallel()
	data := archive(t,
		entry{name: "p/", flag: tar.TypeDir},
		entry{name: "./p/plugin.yaml", data: "a"},
		entry{name: `p\bin\x`, data: "b"},
		entry{name: "top", data: "c"},
	)
	files, err := tarsafe.ReadTree(bytes.NewReader(data), tarsafe.NewBudget(1000, 10))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range files {
		got = append(got, f.Name+"="+string(f.Data))
	}
	if diff := cmp.Diff([]string{"p/plugin.yaml=a", "p/bin/x=b", "top=c"}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestReadTreeRefuses(t *testing.T) {
	t.Parallel()
	one := func(name string) []entry { return []entry{{name: name, data: "x"}} }
	tests := map[string]struct {
		entries []entry
		want    string
	}{
		"parent":             {one("p/../../x"), "leads out of its folder"},
		"parent on Windows":  {one(`p\..\x`), "leads out of its folder"},
		"absolute":           {one("/etc/x"), "absolute paths are not allowed"},
		"absolute, reversed": {one(`\x`), "absolute paths are not allowed"},
		"drive":              {one("C:x"), "colons and null bytes are not allowed"},
		"long name":          {one("p/" + strings.Repeat("n", 5000)), "5002 bytes long"},
		"deep":               {one(strings.Repeat("d/", 70) + "x"), "nest deeper than 64"},
		"twice":              {append(one("p/x"), one("./p/x")...), `"p/x" more than once`},
		"folder and file":    {append(one("p/x/y"), one("p/x")...), `"p/x" more than once`},
		"file and below it":  {append(one("p/x"), one("p/x/y/z")...), `"p/x" as a file and as a folder`},
		"file and folder":    {append(one("p/x"), entry{name: "p/x/", flag: tar.TypeDir}), `"p/x" as a file and as a folder`},
		"symbolic link":      {[]entry{{name: "p/x", flag: tar.TypeSymlink}}, `"p/x" as a symbolic link`},
		"hard link":          {[]entry{{name: "p/x", flag: tar.TypeLink}}, `"p/x" as a hard link`},
		"device":             {[]entry{{name: "p/x", flag: tar.TypeChar}}, `"p/x" as a device`},
		"pipe":               {[]entry{{name: "p/x", flag: tar.TypeFifo}}, `"p/x" as a named pipe`},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files, err := tarsafe.ReadTree(bytes.NewReader(archive(t, tc.entries...)), tarsafe.NewBudget(1<<20, 1000))
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("%d files, error %v; want %q", len(files), err, tc.want)
			}
		})
	}
}

func TestReadTreeLimits(t *testing.T) {
	t.Parallel()
	many := make([]entry, 20)
	for i := range many {
		many[i] = entry{name: "p/" + string(rune('a'+i)), data: "0123456789"}
	}
	for name, budget := range map[string]*tarsafe.Budget{
		"bytes": tarsafe.NewBudget(100, 1000), "files": tarsafe.NewBudget(1<<20, 10),
	} {
		if _, err := tarsafe.ReadTree(bytes.NewReader(archive(t, many...)), budget); !errors.Is(err, tarsafe.ErrTooLarge) {
			t.Errorf("%s: error %v", name, err)
		}
	}
	bomb := archive(t, entry{name: "p/x", data: strings.Repeat("\x00", 64<<20)})
	if _, err := tarsafe.ReadTree(bytes.NewReader(bomb), tarsafe.NewBudget(1<<20, 10)); !errors.Is(err, tarsafe.ErrTooLarge) {
		t.Errorf("bomb: error %v", err)
	}
	for name, data := range map[string][]byte{"nothing": nil, "text": []byte("hello"), "cut off": bomb[:len(bomb)/2]} {
		if _, err := tarsafe.ReadTree(bytes.NewReader(data), tarsafe.NewBudget(1<<30, 10)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
