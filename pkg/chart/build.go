package chart

import (
	"bytes"
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/seed-0d4f92cc/pack/internal/yamlio"
	"github.com/seed-0d4f92cc/pack/pkg/values"
)

// The files of a chart that have a meaning of their own.
const (
	metadataFile   = "Chart.yaml"
	lockFile       = "Chart.lock"
	valuesFile     = "values.yaml"
	schemaFile     = "values.schema.json"
	legacyDeps     = "requirements.yaml"
	legacyLock     = "requirements.lock"
	templatesDir   = "templates/"
	subchartsDir   = "charts/"
	crdsDir        = "crds/"
	apiV1          = "v1"
	apiV2          = "v2"
	apiV3          = "v3"
	archiveSuffix  = ".tgz"
	provenanceSufx = ".prov"
)

// build sorts files into a chart and builds its subcharts; the rules, and the
// order in which faults are found, are Helm's.
func (l *loader) build(files []File, depth int) (*Chart, error) {
	if err := l.checkDepth(depth); err != nil {
		return nil, err
	}
	for i := range files {
		files[i].Data = stripBOM(files[i].Data)
	}
	c := &Chart{raw: files}
	if err := c.readMetadata(); err != nil {
		return nil, err
	}
	if depth == 0 && !l.anyVersion {
		if err := c.metadata.checkVersion(); err != nil {
			return nil, &Error{Path: metadataFile, Err: err}
		}
	}
	c.templates = make([]File, 0, countTemplates(files))
	groups := map[string][]File{}
	for _, f := range files {
		if err := l.place(c, f, groups); err != nil {
			return nil, err
		}
	}
	c.metadata.sanitize()
	if err := c.metadata.Validate(); err != nil {
		return nil, &Error{Path: metadataFile, Err: err}
	}
	if err := l.addSubcharts(c, groups, depth); err != nil {
		return nil, err
	}
	return c, nil
}

// countTemplates is how many files are templates of the chart itself.
func countTemplates(files []File) int {
	n := 0
	for _, f := range files {
		if strings.HasPrefix(f.Name, templatesDir) {
			n++
		}
	}
	return n
}

func (c *Chart) readMetadata() error {
	for _, f := range c.raw {
		if f.Name != metadataFile {
			continue
		}
		c.metadata = new(Metadata)
		if plainMetadata(f.Data, c.metadata) {
			continue
		}
		if err := decode(f, c.metadata); err != nil {
			return err
		}
	}
	if c.metadata == nil {
		return &Error{Path: metadataFile, Err: ErrNoMetadata}
	}
	if c.metadata.APIVersion == "" {
		c.metadata.APIVersion = apiV1
	}
	return nil
}

func (m *Metadata) checkVersion() error {
	switch m.APIVersion {
	case apiV1, apiV2:
		return nil
	case apiV3:
		return fmt.Errorf("%w: apiVersion v3 is experimental, use v2", ErrUnsupportedVersion)
	}
	return ErrUnsupportedVersion
}

// place puts one file where it belongs: into a field of c, or into the group
// of the subchart that it is part of.
func (l *loader) place(c *Chart, f File, groups map[string][]File) error {
	switch f.Name {
	case metadataFile:
		return nil
	case lockFile:
		return readLock(c, f)
	case valuesFile:
		c.rawValues = f.Data
		var err error
		if c.values, err = parseValues(f); err != nil {
			return err
		}
		return nil
	case schemaFile:
		c.schema = &f
		return nil
	case legacyDeps:
		l.placeLegacy(c, f)
		return decode(f, c.metadata)
	case legacyLock:
		l.placeLegacy(c, f)
		return readLock(c, f)
	}
	switch rest, inCharts := strings.CutPrefix(f.Name, subchartsDir); {
	case strings.HasPrefix(f.Name, templatesDir):
		c.templates = append(c.templates, f)
	case inCharts && path.Ext(f.Name) != provenanceSufx:
		component, _, _ := strings.Cut(rest, "/")
		groups[component] = append(groups[component], File{Name: rest, Data: f.Data, ModTime: f.ModTime})
	default:
		c.files = append(c.files, f)
	}
	return nil
}

// readLock reads a lock file. An empty one is as good as none, as for Helm.
func readLock(c *Chart, f File) error {
	c.lock = nil
	return decode(f, &c.lock)
}

// placeLegacy keeps a file of apiVersion v1 among the files, where it belongs.
func (l *loader) placeLegacy(c *Chart, f File) {
	if c.metadata.APIVersion == apiV1 {
		c.files = append(c.files, f)
		return
	}
	l.warn(fmt.Sprintf("chart %s: dependencies are handled in Chart.yaml since apiVersion %q: migrate them from %s",
		c.metadata.Name, apiV2, f.Name))
}

// addSubcharts builds the subcharts, in byte order of their names in charts/.
func (l *loader) addSubcharts(c *Chart, groups map[string][]File, depth int) error {
	components := make([]string, 0, len(groups))
	for name := range groups {
		if name != "" && !strings.ContainsRune("._", rune(name[0])) {
			components = append(components, name)
		}
	}
	slices.Sort(components)
	for _, name := range components {
		sub, err := l.subchart(c, name, groups[name], depth+1)
		if err != nil {
			return err
		}
		sub.parent = c
		c.dependencies = append(c.dependencies, sub)
	}
	return nil
}

func (l *loader) subchart(parent *Chart, component string, files []File, depth int) (*Chart, error) {
	var sub *Chart
	var err error
	if path.Ext(component) == archiveSuffix {
		if files[0].Name != component {
			return nil, &Error{Path: subchartsDir + files[0].Name, Err: fmt.Errorf(
				"error unpacking subchart tar in %s: expected %s, got %s", parent.Name(), component, files[0].Name)}
		}
		sub, err = l.read(bytes.NewReader(files[0].Data), depth)
	} else {
		var inner []File
		for _, f := range files {
			if _, rest, ok := strings.Cut(f.Name, "/"); ok {
				f.Name = rest
				inner = append(inner, f)
			}
		}
		sub, err = l.build(inner, depth)
	}
	if err != nil {
		return nil, inSubchart(err, component, parent.Name())
	}
	return sub, nil
}

// What is read of a file about a chart: of Chart.yaml and what stands beside it.
// Structs take many times the memory of their text.
const (
	maxMetadata      = 4 << 20
	maxMetadataNodes = 100_000
)

// checkMetadata refuses a file that would take too much memory.
func checkMetadata(data []byte) error {
	if len(data) > maxMetadata {
		return fmt.Errorf("%w: %d bytes, at most %d are read", yamlio.ErrTooLarge, len(data), maxMetadata)
	}
	if len(data) <= maxMetadataNodes {
		return nil
	}
	if n := yamlio.Nodes(data); n > maxMetadataNodes {
		return fmt.Errorf("%w: about %d nodes, at most %d are read", yamlio.ErrTooLarge, n, maxMetadataNodes)
	}
	return nil
}

// decode reads a YAML file into v.
func decode(f File, v any) error {
	if err := checkMetadata(f.Data); err != nil {
		return cannotLoad(f, err)
	}
	if err := yamlio.Unmarshal(f.Data, v); err != nil {
		return cannotLoad(f, yamlio.TypesFrom(err, "chart", "v2"))
	}
	return nil
}

func parseValues(f File) (values.Map, error) {
	m, err := values.Parse(f.Data)
	if err != nil {
		return nil, cannotLoad(f, err)
	}
	return m, nil
}

// faultyLine is the line, from 1, at which a file cannot be read; 0 where no line
// is at fault.
func faultyLine(f File, err error) int {
	if yamlLine(err) == 0 {
		return 0
	}
	return yamlio.MapFault(f.Data) + 1
}

// yamlLine finds the line in the text of a YAML error, which has no field for
// it.
func yamlLine(err error) int {
	m := regexp.MustCompile(`yaml: (?:unmarshal errors:\s+)?line (\d+):`).FindStringSubmatch(err.Error())
	if m == nil {
		return 0
	}
	n, convErr := strconv.Atoi(m[1])
	if convErr != nil {
		return 0
	}
	return n
}

func cannotLoad(f File, err error) error {
	e := &Error{Path: f.Name, Line: faultyLine(f, err), Data: f.Data, Err: fmt.Errorf("cannot load %s: %w", f.Name, err)}
	if errors.Is(err, yamlio.ErrTooLarge) {
		e.Err = &limitError{e.Err.Error()}
	}
	return e
}
