package release

import (
	"bytes"
	"compress/gzip"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/manifest"
)

// A record that is too large for one object lies in parts: its head, in the object
// and the form of every other record, has what changes while operations run; what
// does not change is compressed and cut into chunks, each in an object of its own.
// Where they are the manifest of the head says: a text that no server takes for an
// object, so that Helm fails before it does anything, and which survives when Helm
// writes the record again.
const (
	// MaxObject is how many bytes the data of a Secret or a ConfigMap may have.
	MaxObject = 1 << 20
	// PartType is the type of Secrets that hold a chunk.
	PartType = AnnotationPrefix + "record-part"
	// PartField is the key below data, of a ConfigMap below binaryData, that holds
	// a chunk.
	PartField = "part"

	labelPartRelease  = AnnotationPrefix + "release"
	labelPartRevision = AnnotationPrefix + "revision"

	// maxChunk leaves room for metadata: etcd takes 1.5 MiB.
	maxChunk = 900 << 10
	// maxChunks bounds the requests that a record can cost.
	maxChunks = 1024
)

// partsMark begins the manifest of a head. Those of charts begin with "---".
const partsMark = "# This record is too large for one object. The rest of it lies beside it, where\n" +
	"# pack finds it and Helm does not: use pack for this release.\n" +
	"apiVersion: pack.seed-0d4f92cc.github.io/v1\nkind: RecordTooLargeForHelm\n" +
	"metadata:\n  name: use-pack\nparts: "

// Parts says where the chunks of a record are. What it says of them is checked when
// they are read.
type Parts struct {
	// Name begins the names of the objects that hold the chunks.
	Name string `json:"name"`
	// Size and Digest are those of the whole before it was compressed. Digests are
	// SHA-256 in hexadecimal.
	Size   int     `json:"size"`
	Digest string  `json:"digest"`
	Chunks []Chunk `json:"chunks"`
}

// Chunk is the size and the digest of one chunk.
type Chunk struct {
	Size   int    `json:"size"`
	Digest string `json:"digest"`
}

// ChunkName is the name of the object that holds a chunk; the first is 0.
func (p *Parts) ChunkName(i int) string { return p.Name + "." + strconv.Itoa(i+1) }

// PartLabels are the labels of the objects that hold the chunks of a revision.
// Helm's label for records is not among them.
func PartLabels(key Key, revision int) map[string]string {
	return map[string]string{labelPartRelease: key.Name, labelPartRevision: strconv.Itoa(revision)}
}

// PartSelector is the label selector for the chunks of a revision, whether a record
// refers to them or not.
func PartSelector(key Key, revision int) string {
	return labelPartRelease + "=" + key.Name + "," + labelPartRevision + "=" + strconv.Itoa(revision)
}

// Packed is a record in the form in which a store writes it.
type Packed struct {
	// Payload goes below RecordField of the record's object.
	Payload []byte
	// Parts is nil if Payload is all of the record.
	Parts *Parts
	// Chunks are to be written before Payload; there are none if those that Parts
	// names are there already.
	Chunks [][]byte
}

// Pack makes a record fit into objects whose data may be limit bytes; 0 means
// MaxObject. What does not fit as it is goes without the templates and files of the
// chart, then without its schema, which neither Helm nor pack needs of a record;
// after that in parts. There are parts that lie there already, as the record was
// read or written last, and are used again if they say the same; nil for a new
// record.
func Pack(rel *Release, limit int, there *Parts) (*Packed, error) {
	if limit <= 0 {
		limit = MaxObject
	}
	p, err := pack(rel, limit, there)
	if err != nil {
		return nil, encodeError(rel, err)
	}
	return p, nil
}

func pack(rel *Release, limit int, there *Parts) (*Packed, error) {
	if strings.HasPrefix(rel.Manifest, partsMark) {
		return nil, errors.New("its manifest is that of a record in parts")
	}
	name := RecordName(rel.Name, rel.Version) + "."
	if there == nil || !strings.HasPrefix(there.Name, name) {
		return packAnew(rel, limit, name)
	}
	data, err := recordJSON(constantPart(rel))
	if err != nil {
		return nil, err
	}
	if len(data) != there.Size || digestOf(data) != there.Digest {
		return packAnew(rel, limit, name)
	}
	return packHead(rel, limit, there, nil)
}

// packAnew packs a record whose parts, if it needs any, are not there yet. Their
// names begin with name.
func packAnew(rel *Release, limit int, name string) (*Packed, error) {
	p, err := packWhole(rel, limit)
	if over := new(overLimitError); !errors.As(err, &over) {
		return p, err
	}
	data, err := recordJSON(constantPart(rel))
	if err != nil {
		return nil, err
	}
	// A name of its own, so that nobody else's chunks are in the way, such as those
	// that the cluster is about to remove.
	parts := &Parts{Name: name + strings.ToLower(rand.Text()[:10]), Size: len(data), Digest: digestOf(data)}
	chunks, err := cut(data, min(maxChunk, limit))
	if err != nil {
		return nil, err
	}
	for _, c := range chunks {
		parts.Chunks = append(parts.Chunks, Chunk{Size: len(c), Digest: digestOf(c)})
	}
	return packHead(rel, limit, parts, chunks)
}

// packWhole makes one payload of a record. *overLimitError.
func packWhole(rel *Release, limit int) (*Packed, error) {
	forms := []*Release{rel}
	if c := rel.Chart; c != nil && len(c.Templates)+len(c.Files) > 0 {
		forms = append(forms, slim(rel, true))
	}
	if c := rel.Chart; c != nil && len(c.Schema) > 0 {
		forms = append(forms, slim(rel, false))
	}
	var err error
	for _, r := range forms {
		var e []byte
		if e, err = encode(r, limit); err == nil {
			return &Packed{Payload: e}, nil
		}
		if over := new(overLimitError); !errors.As(err, &over) {
			return nil, err
		}
	}
	return nil, err
}

func packHead(rel *Release, limit int, parts *Parts, chunks [][]byte) (*Packed, error) {
	head, err := headPart(rel, parts)
	if err != nil {
		return nil, err
	}
	e, err := encode(head, limit)
	if err != nil {
		return nil, err
	}
	return &Packed{Payload: e, Parts: parts, Chunks: chunks}, nil
}

// slim is a record without what it can do without.
func slim(rel *Release, schema bool) *Release {
	if rel.Chart == nil {
		return rel
	}
	out, c := *rel, *rel.Chart
	c.Templates, c.Files = nil, nil
	if !schema {
		c.Schema = nil
	}
	out.Chart = &c
	return &out
}

// cut compresses data into chunks of at most size bytes.
func cut(data []byte, size int) ([][]byte, error) {
	zipped := limitedBuffer{limit: MaxEncodedRecord}
	if err := zip(&zipped, data, gzip.DefaultCompression); err != nil {
		return nil, err
	}
	var chunks [][]byte
	for zipped.Len() > 0 {
		chunks = append(chunks, zipped.Next(size))
	}
	if len(chunks) > maxChunks {
		return nil, &overLimitError{limit: maxChunks * size}
	}
	return chunks, nil
}

func digestOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// constantPart is what no operation changes of a record once it is made. The
// revision is left out: a record that Helm has copied still finds its chunks.
func constantPart(rel *Release) *Release {
	out := slim(rel, true)
	part := &Release{
		Name: rel.Name, Chart: out.Chart, Config: rel.Config, Manifest: rel.Manifest, Unknown: rel.Unknown,
	}
	if rel.Info != nil {
		part.Info = &Info{Notes: rel.Info.Notes}
	}
	for _, h := range rel.Hooks {
		hook := *h
		hook.LastRun, hook.DeletePolicies = HookRun{}, nil
		part.Hooks = append(part.Hooks, &hook)
	}
	return part
}

// hookState is what operations change of a hook: its run, and its policies, which
// are settled when it runs first.
type hookState struct {
	LastRun        HookRun                 `json:"last_run"`
	DeletePolicies []manifest.DeletePolicy `json:"delete_policies,omitempty"`
}

// partsNote is what the manifest of a head says.
type partsNote struct {
	*Parts
	Hooks []hookState `json:"hooks,omitempty"`
}

// headPart is what operations change of a record, what lists show of it, and where
// the rest is. It has no hooks, lest Helm runs them before it fails.
func headPart(rel *Release, parts *Parts) (*Release, error) {
	n := partsNote{Parts: parts}
	for _, h := range rel.Hooks {
		n.Hooks = append(n.Hooks, hookState{LastRun: h.LastRun, DeletePolicies: h.DeletePolicies})
	}
	text, err := json.Marshal(n)
	if err != nil {
		return nil, err
	}
	head := &Release{
		Name: rel.Name, Version: rel.Version, Namespace: rel.Namespace, ApplyMethod: rel.ApplyMethod,
		Chart: &Chart{Metadata: brief(rel.Chart)}, Manifest: partsMark + string(text) + "\n",
	}
	if rel.Info != nil {
		info := *rel.Info
		info.Notes, info.Resources = "", nil
		head.Info = &info
	}
	return head, nil
}

// brief is what lists show of a chart.
func brief(c *Chart) *chart.Metadata {
	if c == nil || c.Metadata == nil {
		return &chart.Metadata{}
	}
	m := c.Metadata
	return &chart.Metadata{APIVersion: m.APIVersion, Name: m.Name, Version: m.Version, AppVersion: m.AppVersion, Type: m.Type}
}

// readParts reads, if the record is the head of one in parts, where they are.
func (r *Release) readParts() error {
	text, ok := strings.CutPrefix(r.Manifest, partsMark)
	if !ok {
		return nil
	}
	var n partsNote
	if err := json.Unmarshal([]byte(text), &n); err != nil {
		return fmt.Errorf("what it says of its parts is damaged: %w", err)
	}
	if err := n.check(r.Name); err != nil {
		return fmt.Errorf("what it says of its parts is damaged: %w", err)
	}
	r.Manifest, r.Parts, r.Hooks = "", n.Parts, nil
	for _, s := range n.Hooks {
		r.Hooks = append(r.Hooks, &Hook{LastRun: s.LastRun, DeletePolicies: s.DeletePolicies})
	}
	return nil
}

// check bounds what a head can make a reader do.
func (p *Parts) check(name string) error {
	pattern := `^` + regexp.QuoteMeta(recordNamePrefix+name) + `\.v[0-9]{1,19}\.[a-z0-9]{1,32}$`
	switch {
	case p == nil:
		return errors.New("there are none")
	case !regexp.MustCompile(pattern).MatchString(p.Name):
		return fmt.Errorf("there can be none of the name %q", p.Name)
	case p.Size < 0 || p.Size > MaxRecord:
		return tooLarge(p.Size, MaxRecord)
	}
	if n := len(p.Chunks); n > maxChunks {
		return fmt.Errorf("there are too many: %d, at most %d are allowed", n, maxChunks)
	}
	total := 0
	for _, c := range p.Chunks {
		if c.Size < 0 || c.Size > MaxObject {
			return tooLarge(c.Size, MaxObject)
		}
		total += c.Size
	}
	if total > MaxEncodedRecord {
		return tooLarge(total, MaxEncodedRecord)
	}
	return nil
}

// Join completes what Decode returned of a record in parts with the contents of its
// chunks, in order, nil for one that is missing. The error is a *RecordError, which
// names a chunk that is missing or damaged.
func (h Head) Join(outline *Release, chunks [][]byte) (*Release, error) {
	rel, err := join(outline, chunks)
	if err != nil {
		return nil, &RecordError{Key: h.Key, Revision: h.Revision, Err: err}
	}
	return rel, nil
}

func join(outline *Release, chunks [][]byte) (*Release, error) {
	part, err := outline.Parts.read(chunks)
	if err != nil {
		return nil, err
	}
	if part.Name != outline.Name {
		return nil, fmt.Errorf("its parts are those of release %q", part.Name)
	}
	rel := *outline
	info := *outline.Info
	rel.Info = &info
	if part.Info != nil {
		rel.Info.Notes = part.Info.Notes
	}
	rel.Chart, rel.Config, rel.Manifest, rel.Unknown = part.Chart, part.Config, part.Manifest, part.Unknown
	rel.Hooks = part.Hooks
	for i, s := range outline.Hooks {
		if i < len(rel.Hooks) {
			rel.Hooks[i].LastRun, rel.Hooks[i].DeletePolicies = s.LastRun, s.DeletePolicies
		}
	}
	rel.complete()
	return &rel, nil
}

// read checks the chunks and reads what they hold.
func (p *Parts) read(chunks [][]byte) (*Release, error) {
	if len(chunks) != len(p.Chunks) {
		return nil, fmt.Errorf("it has %d parts, not %d", len(p.Chunks), len(chunks))
	}
	readers, zipped := make([]io.Reader, len(chunks)), 0
	for i, data := range chunks {
		if err := p.checkChunk(i, data); err != nil {
			return nil, err
		}
		readers[i] = bytes.NewReader(data)
		zipped += len(data)
	}
	data, err := unzip(io.MultiReader(readers...), min(p.Size, maxGain*zipped)+bytes.MinRead, p.Size)
	if err != nil {
		return nil, err
	}
	if len(data) != p.Size || digestOf(data) != p.Digest {
		return nil, errors.New("its parts do not make the whole that they are said to make")
	}
	if err := checkShape(data); err != nil {
		return nil, err
	}
	rel := new(Release)
	if err := rel.UnmarshalJSON(data); err != nil {
		return nil, fmt.Errorf("its JSON is damaged: %w", err)
	}
	return rel, nil
}

func (p *Parts) checkChunk(i int, data []byte) error {
	problem := ""
	switch c := p.Chunks[i]; {
	case data == nil:
		problem = "is missing"
	case len(data) != c.Size:
		problem = fmt.Sprintf("is damaged: it has %d bytes, not %d", len(data), c.Size)
	case digestOf(data) != c.Digest:
		problem = "is damaged: its digest is another"
	default:
		return nil
	}
	return fmt.Errorf("part %d of %d (%s) %s", i+1, len(p.Chunks), p.ChunkName(i), problem)
}
