package repo_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/Masterminds/semver/v3"
	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/internal/yamlio"
	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/repo"
)

// The reader of indexes cuts them into versions and knows of shortcuts. Here is
// one that does not: it reads the whole of an index by the rules of chart
// repositories. Both have to see the same.

type plainIndexFile struct {
	ServerInfo  map[string]any             `json:"serverInfo"`
	APIVersion  string                     `json:"apiVersion"`
	Generated   time.Time                  `json:"generated"`
	Entries     map[string][]*plainVersion `json:"entries"`
	PublicKeys  []string                   `json:"publicKeys"`
	Annotations map[string]string          `json:"annotations"`
}

type plainVersion struct {
	*chart.Metadata
	URLs          []string  `json:"urls"`
	Created       time.Time `json:"created"`
	Removed       bool      `json:"removed"`
	Digest        string    `json:"digest"`
	Checksum      string    `json:"checksum"`
	Engine        string    `json:"engine"`
	TillerVersion string    `json:"tillerVersion"`
	URL           string    `json:"url"`
}

// readPlainly returns what an index says, as a text.
func readPlainly(data []byte) (string, error) {
	if len(data) == 0 {
		return "", errors.New("empty")
	}
	var index plainIndexFile
	if json.Valid(data) {
		if err := json.Unmarshal(data, &index); err != nil {
			return "", err
		}
	} else if err := yamlio.UnmarshalStrict(data, &index); err != nil {
		return "", err
	}
	if index.APIVersion == "" {
		return "", errors.New("no version")
	}
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(index.Entries)) {
		fmt.Fprintf(&b, "%q\n", name)
		type parsed struct {
			*plainVersion
			semver *semver.Version
		}
		var list []parsed
		for _, v := range index.Entries[name] {
			if v == nil {
				continue
			}
			if v.Metadata == nil {
				v.Metadata = &chart.Metadata{}
			}
			if err := v.Normalize(); err != nil && !strings.HasPrefix(err.Error(), "validation: more than one dependency") {
				continue
			}
			version, err := semver.NewVersion(v.Version)
			if err != nil {
				return "", err
			}
			list = append(list, parsed{v, version})
		}
		slices.SortStableFunc(list, func(x, y parsed) int { return y.semver.Compare(x.semver) })
		for _, v := range list {
			said(&b, v.Metadata, v.URLs, v.Created, v.Removed, v.Digest)
		}
	}
	return b.String(), nil
}

func said(b *strings.Builder, md *chart.Metadata, urls []string, created time.Time, removed bool, digest string) {
	text, err := json.Marshal(md)
	fmt.Fprintf(b, "  %s %v %q %s %v %q\n", text, err, urls, created.Format(time.RFC3339Nano), removed, digest)
}

// readQuickly returns what the reader sees.
func readQuickly(data []byte) (string, error) {
	index, err := repo.ReadIndex(data)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for name, err := range index.Names() {
		if err != nil {
			return "", fmt.Errorf("after reading: %w", err)
		}
		fmt.Fprintf(&b, "%q\n", name)
		for v, err := range index.Versions(name) {
			if err != nil {
				return "", fmt.Errorf("after reading: %w", err)
			}
			said(&b, &v.Metadata, v.URLs, v.Created, v.Removed, v.Digest)
		}
	}
	return b.String(), nil
}

// sameIndex compares both.
func sameIndex(t *testing.T, data []byte) (read bool) {
	t.Helper()
	want, wantErr := readPlainly(data)
	got, err := readQuickly(data)
	if (err == nil) != (wantErr == nil) {
		t.Errorf("error %v, the plain reader's is %v, of\n%q", err, wantErr, data)
		return false
	}
	if err != nil && strings.HasPrefix(err.Error(), "after reading") {
		t.Errorf("%v, of\n%q", err, data)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s\nof\n%q", diff, data)
	}
	return err == nil
}

// indexTexts are indexes in forms of many kinds.
func indexTexts() []string {
	const head = "apiVersion: v1\nentries:\n"
	list := []string{
		plainIndex, jsonIndex, searchedIndex, mergedIndex,
		"apiVersion: v1\n", "apiVersion: v1\nentries:\n", "apiVersion: v1\nentries: null\n", "apiVersion: v1\nentries: {}\n",
		head + "  a:\n", head + "  a: []\n  b:\n", head + "  a: null\n  b:\n  - null\n  -\n  - ~\n", head + "  a: {}\n", head + "  a:\n    name: a\n",
		head + "  a: &x\n  - &y {name: a, version: 1.0.0}\n  - *y\n  b: *x\n",
		head + "  a:\n  - &y\n    name: a\n    version: 1.0.0\n  - <<: *y\n    version: 2.0.0\n",
		head + "  a:\n  - name: \"a\n  - name: b\n    \"\n    version: 1.0.0\n",
		head + "  a:\n  - name: a\n    description: |\n     x\n\n       y\n    version: 1.0.0\n  - name: a\n    description: >-\n      - name: z\n      # no comment\n    version: 1.0.1\n",
		head + "  a:\n  - {name: a,\n  version: 1.0.0}\n  - [\n  ]\n",
		head + "  a:\n  # a comment\n  -  name: a\n     version: 1.0.0 # one\n\n  -\n    name: a\n    version: 1.0.1\n  b:\n   - name: b\n     version: 1.0.0\n",
		head + "  a:\n  - name: a\n    version: 1.0.0\n  a:\n  - name: a\n    version: 1.0.1\n",
		head + "  a:\n  - name: a\n    version: 1.0.0\nentries:\n  b: []\n",
		head + "  ? a\n  : - name: a\n      version: 1.0.0\n",
		head + "  'a b': # why\n  - name: a\n    version: 1.0.0\n  1:\n  - {name: one, version: '1'}\n  yes:\n  - {name: y, version: '1'}\n  ~:\n  - {name: n, version: '1'}\n  2026-01-02:\n  - {name: n, version: '1'}\n",
		"Entries:\n  a:\n  - Name: a\n    VERSION: 1.0.0\nAPIVERSION: v1\n",
		"\"entries\":\n  a:\n  - name: a\n    version: 1.0.0\napiVersion: v1\n", "entries : \n  a:\n  - name: a\n    version: 1.0.0\napiVersion: v1\n",
		"%YAML 1.1\n---\n" + plainIndex, "\ufeff" + plainIndex, "---\n---\n" + plainIndex, "--- # x\n" + plainIndex, plainIndex + "...\njunk: [", plainIndex + "---\njunk: [",
		strings.ReplaceAll(plainIndex, "\n", "\r\n"), strings.ReplaceAll(plainIndex, "\n", "\r"), strings.ReplaceAll(plainIndex, "    ", "\t"), strings.ReplaceAll(plainIndex, "\n", "\n\n"),
		plainIndex + "serverInfo:\n  a: {b: [c]}\nannotations: {a: b}\npublicKeys: [x]\n",
		plainIndex + "  \n", plainIndex + "\x00", plainIndex[:len(plainIndex)-1], "{" + jsonIndex, jsonIndex + "{}", "[]", "null", "1", "text", "\n", " ", "# only\n",
		`{"apiVersion":"v1","Entries":{"a":[{"NAME":"a","version":"1.0.0"}]}}`, `{"apiVersion":"v1","entries":null}`, `{"apiVersion":"v1","entries":{"a":null,"b":[]}}`,
		`{"apiVersion":"v1","entries":{"a":[{"name":"a","version":"1.0.0","version":"2.0.0"}],"a":[{"name":"b"}]}}`,
		`{"apiVersion":"v1","entries":{"a":[{"name":"a","version":"1.0.0"}]},"entries":{"a":[null,{"version":"2.0.0"}]}}`,
		`{"apiVersion":"v1","entries":[]}`, `{"apiVersion":1}`, `{"apiVersion":"v1","entries":{"a":{}}}`, `{"apiVersion":"v1","entries":{"a":[[]]}}`, `{apiVersion: v1, entries: {a: [{name: a, version: 1.0.0}]}}`,
		"{\"apiVersion\": \"v1\", # c\n \"entries\": {}}", `{"apiVersion":"v1","apiVersion":null,"entries":{"a\u00e4":[{"name":"\ud800","version":"1.0.0"}]}}`,
		head + "  a:\n  - name: a\n    version: 1.0.0\n    created: yesterday\n", head + "  a:\n  - name: a\n    version: 1.0.0\n    urls: x\n",
		head + "  a:\n  - name: a\n    version: 1.0.0\n    removed: true\n    deprecated: yes\n    created: 2020-01-02T03:04:05.5+02:00\n    checksum: x\n    engine: y\n    tillerVersion: z\n    url: u\n",
		head + "  a:\n  - name: a\n    version: !!str 1.0\n    appVersion: 1.0\n", head + "  a:\n  - name: a\n    version: \"1.0\\u0041\\x0a\"\n  - name: a\n    version: 1e3\n    description: 0x1F\n",
	}
	return list
}

func TestIndexLikePlainReader(t *testing.T) {
	t.Parallel()
	read := 0
	for _, text := range indexTexts() {
		if sameIndex(t, []byte(text)) {
			read++
		}
	}
	if read < 25 {
		t.Errorf("only %d are read at all", read)
	}
}

// TestMutatedIndexes changes lines of indexes at random and compares again.
func TestMutatedIndexes(t *testing.T) {
	t.Parallel()
	texts := indexTexts()
	bits := []string{
		"- ", "  ", " ", "\t", "\n", "#", " # x", ":", ": ", "|", ">", "\"", "'", "[", "]", "{", "}", "&x ", "*x", "~", "null", "!!str ", "---\n", "...\n", "\r",
		"  - name: n\n", "    version: 2.3.4\n", "  b:\n", "entries:\n", "? ", "<<: *x", "\ufeff", "\xff", "\x00", "ä", "\u2028", "\u0085", ",",
	}
	rnd := rand.New(rand.NewPCG(5, 2026))
	read := 0
	for range 3_000 {
		data := []byte(texts[rnd.IntN(len(texts))])
		for range 1 + rnd.IntN(3) {
			data = mutated(rnd, data, bits)
		}
		if sameIndex(t, data) {
			read++
		}
		if t.Failed() {
			return
		}
	}
	if read < 300 {
		t.Errorf("only %d are read at all", read)
	}
}

func mutated(rnd *rand.Rand, data []byte, bits []string) []byte {
	lines := bytes.SplitAfter(data, []byte("\n"))
	i, j := rnd.IntN(len(lines)), rnd.IntN(len(lines))
	switch rnd.IntN(8) {
	case 0:
		lines = slices.Delete(lines, i, i+1)
	case 1:
		lines = slices.Insert(lines, j, lines[i])
	case 2:
		lines[i], lines[j] = lines[j], lines[i]
	case 3:
		lines[i] = bytes.TrimPrefix(lines[i], []byte(" "))
	case 4:
		lines[i] = append([]byte(" "), lines[i]...)
	default:
		at := rnd.IntN(len(lines[i]) + 1)
		lines[i] = slices.Concat(lines[i][:at], []byte(bits[rnd.IntN(len(bits))]), lines[i][at:])
	}
	return bytes.Join(lines, nil)
}

// FuzzIndex compares both readers on whatever it is given.
func FuzzIndex(f *testing.F) {
	for _, text := range indexTexts() {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) { sameIndex(t, data) })
}

// TestIndexBounds reads what only an attacker writes.
func TestIndexBounds(t *testing.T) {
	t.Parallel()
	const head = "apiVersion: v1\nentries:\n"
	names := func(n int) string {
		var b strings.Builder
		b.WriteString(head)
		for i := range n {
			fmt.Fprintf(&b, "  n%d: []\n", i)
		}
		return b.String()
	}
	nested := head + "  a:\n  - name: a\n    version: 1.0.0\n    annotations:\n      a: &a [x,x,x,x,x,x,x,x,x,x]\n"
	for c := 'b'; c < 'k'; c++ {
		nested += fmt.Sprintf("      %c: &%c [%s]\n", c, c, strings.Repeat(fmt.Sprintf("*%c,", c-1), 10))
	}
	for name, c := range map[string]struct{ text, want string }{
		"charts":       {names(200_001), "more than 200000 charts"},
		"versions":     {`{"apiVersion":"v1","entries":{"a":[` + strings.Repeat(`{"name":"a","version":"1"},`, 100_001) + `null]}}`, "more than 100000 versions"},
		"nulls":        {head + "  a:\n" + strings.Repeat("  - null\n", 1_000_001), "more than 1000000 versions"},
		"long texts":   {head + "  a:\n" + strings.Repeat("  - {name: a, version: 1.0.0, description: "+strings.Repeat("x", 3<<19)+"}\n", 66), "take more than 100663296 bytes"},
		"a long line":  {head + "  a:\n  - name: " + strings.Repeat("a", 9<<20), "takes more than 4194304 bytes"},
		"no line ends": {head + "  - \"" + strings.Repeat("  - a\n", 5<<20), "longer than 16777216 bytes"},
		"blank lines":  {strings.Repeat("\n", 5<<20), "takes more than 4194304 bytes"},
		"zeros":        {head + strings.Repeat("\x00", 9<<20), "takes more than 4194304 bytes"},
		"flow":         {"{apiVersion: v1, entries: {a: [" + strings.Repeat("{},", 800_000) + "]}}", "more than 2000000 keys and values"},
		"deep flow":    {head + "  a:\n  - name: a\n    annotations: " + strings.Repeat("[ ", 900_000), "max depth"},
		"deep JSON":    {`{"apiVersion":"v1","entries":{"a":[` + strings.Repeat("[", 900_000), "max depth"},
		"aliases":      {nested, "alias"},
		"directives":   {strings.Repeat("%A b\n", 4000) + "---\n" + head, "yaml:"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := repo.ReadIndex([]byte(c.text))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %.300v, want %q", err, c.want)
			}
			if err != nil && len(err.Error()) > 8<<10 {
				t.Errorf("an error of %d bytes", len(err.Error()))
			}
		})
	}
}
