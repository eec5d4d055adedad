package repo

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"

	"github.com/Masterminds/semver/v3"

	"github.com/seed-0d4f92cc/pack/internal/yamlio"
)

// Errors of indexes that are none, with Helm's texts.
var (
	errEmptyIndex   = errors.New("empty index.yaml file")
	errNoAPIVersion = errors.New("no API version specified")
)

// indexBuilder makes the compact form of an index: it is the sink of what cuts
// it.
type indexBuilder struct {
	w *indexWriter
	// log is told of source, which is where the index is from.
	log    *slog.Logger
	source string
	kind   blobKind
	names  map[string]bool

	// open says that name and rows are of a chart.
	open bool
	name string
	rows []indexRow
	head indexHead
	// passed is how many versions were passed over, seen how many there were in
	// all, and texts how long what searches look at is in all.
	passed, seen, texts int
}

// newIndexBuilder returns a builder that writes to out and tells log of versions
// that are passed over.
func newIndexBuilder(out io.Writer, log *slog.Logger, source string) *indexBuilder {
	return &indexBuilder{w: newIndexWriter(out), log: log, source: source, names: map[string]bool{}}
}

// buildFrom writes the compact form of an index, which is read once more if it is
// in an unusual form.
func (b *indexBuilder) buildFrom(source io.ReadSeeker, origin func() (indexOrigin, error)) error {
	err := b.read(source)
	if errors.Is(err, errUnusual) {
		b.reset()
		err = b.readAgain(source, err)
	}
	if err == nil {
		err = b.endChart()
	}
	if err == nil && b.head.APIVersion == "" {
		err = errNoAPIVersion
	}
	if err != nil {
		return err
	}
	if b.passed > mostPassedOver {
		b.log.Warn("skipping loading more invalid entries", "entries", b.passed-mostPassedOver, "source", b.source)
	}
	made, err := origin()
	if err != nil {
		return err
	}
	return b.w.close(made)
}

func (b *indexBuilder) reset() {
	b.w.table, b.w.rows = map[string]int64{}, 0
	b.names, b.open, b.rows, b.head = map[string]bool{}, false, nil, indexHead{}
	b.passed, b.seen, b.texts = 0, 0, 0
}

// readAgain takes in an index as a whole that could not be cut, for a reason.
func (b *indexBuilder) readAgain(source io.ReadSeeker, reason error) error {
	if _, err := source.Seek(0, io.SeekStart); err != nil {
		return err
	}
	data, err := io.ReadAll(io.LimitReader(source, maxUnusualBytes+1))
	if err != nil {
		return err
	}
	if len(data) > maxUnusualBytes {
		return fmt.Errorf("%w, and longer than %d bytes", reason, maxUnusualBytes)
	}
	if mostNodes(data) > maxUnusualNodes {
		return fmt.Errorf("%w, and has more than %d keys and values", reason, maxUnusualNodes)
	}
	return b.readWhole(data)
}

// read takes the index in, to its end. If the error is errUnusual, a new builder
// may be able to take it in by readWhole.
func (b *indexBuilder) read(src io.Reader) error {
	br := bufio.NewReaderSize(src, 64<<10)
	start, err := br.Peek(512)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if len(start) == 0 {
		return errEmptyIndex
	}
	if bytes.HasPrefix(bytes.TrimLeft(start, " \t\r\n"), []byte("{")) {
		b.kind = blobJSON
		return cutJSON(br, b)
	}
	b.kind = blobYAML
	return cutYAML(br, b)
}

func (b *indexBuilder) chart(name string) error {
	if b.names[name] {
		return errUnusual
	}
	if err := b.endChart(); err != nil {
		return err
	}
	if len(b.names) == maxIndexCharts {
		return fmt.Errorf("the index has more than %d charts", maxIndexCharts)
	}
	b.names[name] = true
	b.open, b.name = true, name
	return b.takeText(len(name))
}

// takeText counts what searches look at.
func (b *indexBuilder) takeText(n int) error {
	if b.texts += n; b.texts > maxIndexTexts {
		return fmt.Errorf("names, versions, descriptions and keywords of the index take more than %d bytes", maxIndexTexts)
	}
	return nil
}

func (b *indexBuilder) version(text []byte, at int64) error {
	parse := parseYAMLVersion
	if b.kind == blobJSON {
		parse = parseJSONVersion
	}
	v, err := parse(text)
	if err != nil && b.kind == blobJSON {
		// Behind it there may be what is no JSON, but YAML.
		err = fmt.Errorf("%w: %w", errUnusual, err)
	}
	if err != nil {
		return err
	}
	if v == nil {
		return b.add(nil, blob{})
	}
	return b.add(&v.ChartVersion, blob{kind: b.kind, at: at, text: text})
}

func (b *indexBuilder) rest(text []byte) error {
	if b.kind == blobJSON {
		return json.Unmarshal(text, &b.head)
	}
	if err := yamlio.UnmarshalStrict(text, &b.head); err != nil {
		return fmt.Errorf("%w: %w", errUnusual, err)
	}
	return nil
}

// add takes a version in, unless it is not valid.
func (b *indexBuilder) add(v *ChartVersion, from blob) error {
	if b.seen++; b.seen > maxIndexVersions {
		return fmt.Errorf("the index has more than %d versions", maxIndexVersions)
	}
	if v == nil {
		b.passOver("skipping loading invalid entry for chart: empty entry", "name", b.name, "source", b.source)
		return nil
	}
	if err := v.check(); err != nil {
		b.passOver("skipping loading invalid entry for chart", "name", b.name, "version", v.Version, "source", b.source, "error", err)
		return nil
	}
	if len(b.rows) == maxChartVersions {
		return fmt.Errorf("the chart %q has more than %d versions in the index", b.name, maxChartVersions)
	}
	row := newIndexRow(v, from)
	row.parsed, _ = semver.NewVersion(v.Version)
	b.rows = append(b.rows, row)
	return b.takeText(len(row.name) + len(row.version) + len(row.appVersion) + len(row.description) + len(row.keywords) + len(row.blob.text))
}

// mostPassedOver is how many versions are told of that are not valid.
const mostPassedOver = 20

// passOver tells of a version that is not taken in, in Helm's words.
func (b *indexBuilder) passOver(what string, facts ...any) {
	if b.passed++; b.passed <= mostPassedOver {
		b.log.Warn(what, facts...)
	}
}

// endChart writes the chart whose versions have been collected, the highest
// version first.
func (b *indexBuilder) endChart() error {
	if !b.open {
		return nil
	}
	slices.SortStableFunc(b.rows, func(x, y indexRow) int {
		switch {
		case x.parsed == nil || y.parsed == nil:
			return compareBool(x.parsed == nil, y.parsed == nil)
		default:
			return y.parsed.Compare(x.parsed)
		}
	})
	err := b.w.chart(b.name, b.rows)
	b.open, b.rows = false, b.rows[:0]
	return err
}

func compareBool(x, y bool) int {
	switch {
	case x == y:
		return 0
	case x:
		return 1
	}
	return -1
}

// readWhole takes in an index in an unusual form.
func (b *indexBuilder) readWhole(data []byte) error {
	index, err := readWhole(data)
	if err != nil {
		return err
	}
	b.head = indexHead{APIVersion: index.APIVersion}
	for _, name := range slices.Sorted(maps.Keys(index.Entries)) {
		if err := b.chart(name); err != nil {
			return err
		}
		for _, v := range index.Entries[name] {
			if err := b.addWhole(v); err != nil {
				return err
			}
		}
	}
	return nil
}

func (b *indexBuilder) addWhole(v *looseVersion) error {
	if v == nil {
		return b.add(nil, blob{})
	}
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return b.add(&v.ChartVersion, blob{kind: blobInline, text: text})
}
