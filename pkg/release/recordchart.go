package release

import "github.com/seed-0d4f92cc/pack/pkg/chart"

// NewRecordChart is what a record keeps of a chart: everything but its
// subcharts and the text of values.yaml. It shares its data with c, which must
// be the root of a configured tree: its values are then those of the record, as
// in Helm with what was imported from subcharts.
func NewRecordChart(c *chart.Chart) *Chart {
	rc := &Chart{
		Metadata:  c.Metadata(),
		Lock:      recordLock(c.Lock()),
		Templates: recordFiles(c.Templates()),
		Values:    c.Values(),
		Files:     recordFiles(c.Files()),
		ModTime:   c.ModTime(),
	}
	if schema := c.Schema(); schema != nil {
		rc.Schema = schema.Data
		rc.SchemaModTime = schema.ModTime
	}
	return rc
}

// recordLock leaves out what Helm does not know.
func recordLock(lock *chart.Lock) *chart.Lock {
	if lock == nil || lock.Contents == nil {
		return lock
	}
	out := *lock
	out.Contents = nil
	return &out
}

// recordFiles is nil for no files, as in Helm's records.
func recordFiles(files []chart.File) []File {
	var out []File
	for _, f := range files {
		out = append(out, File{Name: f.Name, Data: f.Data, ModTime: f.ModTime})
	}
	return out
}

// Name is the name of the chart, which templates of users ask for as in Helm:
// {{ .Release.Chart.Name }}.
func (c *Chart) Name() string {
	if c == nil || c.Metadata == nil {
		return ""
	}
	return c.Metadata.Name
}

// FullName is the chart's name and version, "web-1.2.3", as lists show it.
func (c *Chart) FullName() string {
	if c == nil || c.Metadata == nil {
		return ""
	}
	return c.Metadata.Name + "-" + c.Metadata.Version
}

// AppVersion is the version of what the chart deploys, empty where it names
// none.
func (c *Chart) AppVersion() string {
	if c == nil || c.Metadata == nil {
		return ""
	}
	return c.Metadata.AppVersion
}
