package release

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
)

// Limits of records. Encode writes none that Decode would refuse.
const (
	// MaxEncodedRecord is the size of the largest encoded record, in bytes.
	MaxEncodedRecord = 64 << 20
	// MaxRecord is the size of the largest record as JSON, in bytes.
	MaxRecord = 256 << 20
	// maxRecordDepth is above what yamlio reads, so that every chart's values
	// fit with what is around them.
	maxRecordDepth = 1100
	// maxRecordMembers bounds the elements of all lists and maps of a record,
	// and with them the memory that a small record can claim.
	maxRecordMembers = 1 << 20
)

// RecordError is a record that cannot be read.
type RecordError struct {
	// Key and Revision say which, as far as that is known.
	Key      Key
	Revision int
	Err      error
}

func (e *RecordError) Error() string {
	if e.Key.Name == "" {
		return fmt.Sprintf("release record cannot be read: %v", e.Err)
	}
	return fmt.Sprintf("record of revision %d of release %s/%s cannot be read: %v",
		e.Revision, e.Key.Namespace, e.Key.Name, e.Err)
}

// Unwrap returns what is wrong with it.
func (e *RecordError) Unwrap() error { return e.Err }

// Encode returns a record in the form in which Helm stores it: JSON, gzip,
// base64. The same record gives the same bytes. What is not part of the JSON
// (labels, annotations, resource version) is left to the store. A record over
// a limit, or with a value that JSON lacks (NaN), is an error.
func Encode(rel *Release) ([]byte, error) {
	e, err := new(Packer).encode(rel, MaxEncodedRecord)
	if err != nil {
		return nil, encodeError(rel, err)
	}
	return e, nil
}

// encode is Encode with another limit on what it returns. Over it the error is
// errOverLimit, which costs no more than the limit.
func (p *Packer) encode(rel *Release, limit int) ([]byte, error) {
	data, err := recordJSON(rel)
	if err != nil {
		return nil, err
	}
	zipped := limitedBuffer{limit: base64.RawStdEncoding.DecodedLen(limit)}
	if err := p.zip(&zipped, data); err != nil {
		return nil, err
	}
	size := base64.StdEncoding.EncodedLen(zipped.Len())
	if size > limit {
		return nil, &overLimitError{limit: limit}
	}
	return base64.StdEncoding.AppendEncode(make([]byte, 0, size), zipped.Bytes()), nil
}

// recordJSON is a record as JSON that Decode would take.
func recordJSON(rel *Release) ([]byte, error) {
	data, err := rel.stored().MarshalJSON()
	if err != nil {
		return nil, err
	}
	return data, checkShape(data)
}

// zipper is a compressor that is used again. It writes through itself, so that it does
// not hold on to what it wrote to.
type zipper struct {
	io.Writer
	gzip *gzip.Writer
}

// zip writes data to w, compressed as much as Helm does.
func (p *Packer) zip(w io.Writer, data []byte) (err error) {
	z, used := p.idle.Get().(*zipper)
	if used {
		z.gzip.Reset(z)
	} else {
		z = &zipper{}
		if z.gzip, err = gzip.NewWriterLevel(z, gzip.BestCompression); err != nil {
			return err
		}
	}
	z.Writer = w
	err = zip(z.gzip, data)
	z.Writer = nil
	p.idle.Put(z)
	return err
}

func zip(z *gzip.Writer, data []byte) error {
	_, err := z.Write(data)
	return errors.Join(err, z.Close())
}

// limitedBuffer is a buffer that takes no more than limit bytes.
type limitedBuffer struct {
	bytes.Buffer
	limit int
}

// Write takes p, or none of it.
func (b *limitedBuffer) Write(p []byte) (int, error) {
	if b.Len()+len(p) > b.limit {
		return 0, &overLimitError{limit: b.limit}
	}
	return b.Buffer.Write(p)
}

// overLimitError: what is to be written is larger than allowed.
type overLimitError struct{ limit int }

func (e *overLimitError) Error() string {
	return fmt.Sprintf("it is too large: more than %d bytes", e.limit)
}

// stored is the record without what is never stored.
func (r *Release) stored() *Release {
	if r.Info == nil || r.Info.Resources == nil {
		return r
	}
	record, info := *r, *r.Info
	info.Resources = nil
	record.Info = &info
	return &record
}

func encodeError(rel *Release, err error) error {
	return fmt.Errorf("record of revision %d of release %s/%s cannot be written: %w",
		rel.Version, rel.Namespace, rel.Name, err)
}

func tooLarge(size, limit int) error {
	return fmt.Errorf("it is too large: %d bytes, at most %d are allowed", size, limit)
}

// Decode reads a record that Helm 3, Helm 4 or Encode wrote. Without base64, or
// without gzip, it is read as well. The result has Info, Chart and
// Chart.Metadata, empty where the record lacks them, and no nil element in its
// lists; Name and Version are set. The error is a *RecordError.
func Decode(e []byte) (*Release, error) {
	rel, err := decode(e, firstRevision)
	if err != nil {
		return nil, &RecordError{Err: err}
	}
	return rel, nil
}

// Decode reads the payload of the record of which h is the head, and fills in
// what lies beside the payload: labels, annotations and namespace. A payload of
// another release or revision is refused. Of a record in parts it returns what the
// head holds, with Parts; Join completes it. The error is a *RecordError.
func (h Head) Decode(e []byte) (*Release, error) {
	rel, err := decode(e, min(firstRevision, h.Revision))
	if err == nil {
		err = rel.readParts()
	}
	if err == nil && (rel.Name != h.Key.Name || rel.Version != h.Revision) {
		err = mismatch(rel.Name, rel.Version)
	}
	if err != nil {
		return nil, &RecordError{Key: h.Key, Revision: h.Revision, Err: err}
	}
	// A record that was copied to another namespace still names the old one.
	rel.Namespace = h.Key.Namespace
	rel.Labels = h.Labels
	rel.Annotations = h.Annotations
	return rel, nil
}

// decode reads a record of the revision least or a later one.
func decode(e []byte, least int) (*Release, error) {
	data, err := new(unpacker).unpack(e)
	if err != nil {
		return nil, err
	}
	if err := checkShape(data); err != nil {
		return nil, err
	}
	rel := new(Release)
	if err := rel.UnmarshalJSON(data); err != nil {
		return nil, damagedJSON(err)
	}
	if err := rel.check(least); err != nil {
		return nil, err
	}
	rel.complete()
	return rel, nil
}

// firstRevision is that of a release's first record. Only a store that is filled by
// hand has records before it, with the number 0: Helm's tests have them.
const firstRevision = 1

// check refuses a record that belongs to nothing.
func (r *Release) check(least int) error {
	switch {
	case r.Name == "":
		return errors.New("it names no release")
	case r.Version < least:
		return fmt.Errorf("it has no revision of %d or more: %d", least, r.Version)
	default:
		return nil
	}
}

// unpacker undoes base64 and gzip. It can be used again, and then overwrites what it
// has returned.
type unpacker struct {
	decoded []byte
	z       gzip.Reader
	plain   bytes.Buffer
}

// unpack undoes base64 and gzip. Which of them there are shows in the first
// bytes: neither JSON nor gzip begins like base64.
func (u *unpacker) unpack(e []byte) ([]byte, error) {
	if len(e) > MaxEncodedRecord {
		return nil, tooLarge(len(e), MaxEncodedRecord)
	}
	data := bytes.TrimSpace(e)
	if len(data) == 0 {
		return nil, errors.New("it is empty")
	}
	if data[0] != '{' && !isGzip(data) {
		var err error
		u.decoded, err = base64.StdEncoding.AppendDecode(u.decoded[:0], data)
		if err != nil {
			return nil, fmt.Errorf("its base64 is damaged: %w", err)
		}
		data = u.decoded
	}
	if !isGzip(data) {
		return data, nil
	}
	return u.unzip(bytes.NewReader(data), sizeHint(data), MaxRecord)
}

// unzip reads what is compressed in r, which may be as large as limit and is
// probably no larger than hint.
func (u *unpacker) unzip(r io.Reader, hint, limit int) ([]byte, error) {
	if err := u.z.Reset(r); err != nil {
		return nil, fmt.Errorf("its gzip is damaged: %w", err)
	}
	u.plain.Reset()
	u.plain.Grow(hint)
	n, err := u.plain.ReadFrom(io.LimitReader(&u.z, int64(limit)+1))
	if err != nil {
		return nil, fmt.Errorf("its gzip is damaged: %w", err)
	}
	if n > int64(limit) {
		return nil, fmt.Errorf("it is too large: more than %d bytes when unpacked", limit)
	}
	return u.plain.Bytes(), nil
}

// maxGain is the most that deflate gains.
const maxGain = 1032

// sizeHint is how large zipped says it is when unpacked, in its last bytes, as
// far as that can be true.
func sizeHint(zipped []byte) int {
	claimed := binary.LittleEndian.Uint32(zipped[len(zipped)-4:])
	return int(min(uint64(claimed), uint64(len(zipped))*maxGain, MaxRecord)) + bytes.MinRead
}

// isGzip is Helm's test.
func isGzip(data []byte) bool {
	return len(data) > 3 && data[0] == 0x1f && data[1] == 0x8b && data[2] == 0x08
}

// complete fills in what readers of records rely on.
func (r *Release) complete() {
	if r.Info == nil {
		r.Info = &Info{Status: StatusUnknown}
	}
	if r.Chart == nil {
		r.Chart = &Chart{}
	}
	if r.Chart.Metadata == nil {
		r.Chart.Metadata = &chart.Metadata{}
	}
	r.Hooks = dropNil(r.Hooks)
	r.Chart.Metadata.Maintainers = dropNil(r.Chart.Metadata.Maintainers)
	r.Chart.Metadata.Dependencies = dropNil(r.Chart.Metadata.Dependencies)
	if r.Chart.Lock != nil {
		r.Chart.Lock.Dependencies = dropNil(r.Chart.Lock.Dependencies)
	}
}

// dropNil drops the nil elements of a list, in place.
func dropNil[T any](list []*T) []*T {
	kept := list[:0]
	for _, e := range list {
		if e != nil {
			kept = append(kept, e)
		}
	}
	return kept
}

// checkShape refuses JSON that is too large, too deep or of too many members,
// before anything is made of it. It counts, and leaves to the decoder whether
// data is JSON at all.
func checkShape(data []byte) error {
	if len(data) > MaxRecord {
		return tooLarge(len(data), MaxRecord)
	}
	depth, members := 0, 0
	for i := 0; i < len(data); i++ {
		switch data[i] {
		case '"':
			i = stringEnd(data, i)
		case '{', '[':
			depth++
			members++
		case '}', ']':
			depth--
		case ',':
			members++
		}
		if depth > maxRecordDepth {
			return fmt.Errorf("it is nested too deeply: more than %d levels", maxRecordDepth)
		}
		if members > maxRecordMembers {
			return fmt.Errorf("it has too many values: more than %d", maxRecordMembers)
		}
	}
	return nil
}
