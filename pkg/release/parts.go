package release

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

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
	data, err := new(unpacker).unzip(io.MultiReader(readers...), min(p.Size, maxGain*zipped)+bytes.MinRead, p.Size)
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
	var problem string
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
