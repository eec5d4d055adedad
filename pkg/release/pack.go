package release

import (
	"compress/gzip"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"
	"sync"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
)

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

// Packer packs records. Between calls it keeps what compressing takes, most of a MiB.
// The zero value is ready, and it may be used concurrently.
type Packer struct {
	idle sync.Pool // of *zipper
}

// Pack makes a record fit into objects whose data may be limit bytes; 0 means
// MaxObject. What does not fit as it is goes without the templates and files of the
// chart, then without its schema, which neither Helm nor pack needs of a record;
// after that in parts. There are parts that lie there already, as the record was
// read or written last, and are used again if they say the same; nil for a new
// record.
func (p *Packer) Pack(rel *Release, limit int, there *Parts) (*Packed, error) {
	if limit <= 0 {
		limit = MaxObject
	}
	packed, err := p.pack(rel, limit, there)
	if err != nil {
		return nil, encodeError(rel, err)
	}
	return packed, nil
}

// Pack is Packer.Pack for a record now and then.
func Pack(rel *Release, limit int, there *Parts) (*Packed, error) {
	return new(Packer).Pack(rel, limit, there)
}

func (p *Packer) pack(rel *Release, limit int, there *Parts) (*Packed, error) {
	if strings.HasPrefix(rel.Manifest, partsMark) {
		return nil, errors.New("its manifest is that of a record in parts")
	}
	name := RecordName(rel.Name, rel.Version) + "."
	if there == nil || !strings.HasPrefix(there.Name, name) {
		return p.packAnew(rel, limit, name)
	}
	data, err := recordJSON(constantPart(rel))
	if err != nil {
		return nil, err
	}
	if len(data) != there.Size || digestOf(data) != there.Digest {
		return p.packAnew(rel, limit, name)
	}
	return p.packHead(rel, limit, there, nil)
}

// packAnew packs a record whose parts, if it needs any, are not there yet. Their
// names begin with name.
func (p *Packer) packAnew(rel *Release, limit int, name string) (*Packed, error) {
	packed, err := p.packWhole(rel, limit)
	if over := new(overLimitError); !errors.As(err, &over) {
		return packed, err
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
	return p.packHead(rel, limit, parts, chunks)
}

// packWhole makes one payload of a record. *overLimitError.
func (p *Packer) packWhole(rel *Release, limit int) (*Packed, error) {
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
		if e, err = p.encode(r, limit); err == nil {
			return &Packed{Payload: e}, nil
		}
		if over := new(overLimitError); !errors.As(err, &over) {
			return nil, err
		}
	}
	return nil, err
}

func (p *Packer) packHead(rel *Release, limit int, parts *Parts, chunks [][]byte) (*Packed, error) {
	head, err := headPart(rel, parts)
	if err != nil {
		return nil, err
	}
	e, err := p.encode(head, limit)
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
	if err := zip(gzip.NewWriter(&zipped), data); err != nil {
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
