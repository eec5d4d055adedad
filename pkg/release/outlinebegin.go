package release

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"io"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
)

// beginning reads a record as far as what an outline shows, which Helm writes
// first; the revision is not among it. It is nil where it is not as Helm writes it,
// or looks as if it were cut off.
func (o *outliner) beginning(e []byte) *Release {
	data := bytes.TrimSpace(e)
	if len(data) == 0 || len(data) > MaxEncodedRecord || data[0] == '{' || !looksWhole(data) {
		return nil
	}
	if o.unpacker.z.Reset(base64.NewDecoder(base64.StdEncoding, bytes.NewReader(data))) != nil {
		return nil
	}
	rel, err := readBeginning(json.NewDecoder(io.LimitReader(&o.unpacker.z, MaxRecord)))
	if err != nil {
		return nil
	}
	return rel
}

// looksWhole says whether the end of a record in base64 can be that of its gzip,
// which is how large it is unpacked.
func looksWhole(data []byte) bool {
	if len(data)%4 != 0 || len(data) < 24 {
		return false
	}
	end, err := base64.StdEncoding.AppendDecode(nil, data[len(data)-8:])
	if err != nil || len(end) < 4 {
		return false
	}
	claimed := int64(binary.LittleEndian.Uint32(end[len(end)-4:]))
	const usual = 100 // times smaller a record is when it is packed, at most
	return claimed >= int64(len(data))/2 && claimed <= usual*int64(len(data))
}

// readBeginning stops at the metadata of the chart. It is nil if name and info did
// not stand before it.
func readBeginning(d *json.Decoder) (*Release, error) {
	var out outlined
	var metadata *chart.Metadata
	err := eachMember(d, func(name string) (bool, error) {
		switch name {
		case "name":
			return false, d.Decode(&out.Name)
		case "info":
			return false, d.Decode(&out.Info)
		case "chart":
			err := eachMember(d, func(name string) (bool, error) {
				if name == "metadata" {
					return true, d.Decode(&metadata)
				}
				return false, skip(d)
			})
			return true, err
		}
		return false, skip(d)
	})
	if err != nil || out.Name == "" || out.Info == nil || metadata == nil {
		return nil, err
	}
	rel := out.release()
	rel.Chart = &Chart{Metadata: metadata}
	return rel, nil
}

// eachMember calls read for each member of an object, until it is done.
func eachMember(d *json.Decoder, read func(name string) (done bool, err error)) error {
	if start, err := d.Token(); err != nil || start != json.Delim('{') {
		return err
	}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return err
		}
		name, _ := t.(string)
		if done, err := read(name); done || err != nil {
			return err
		}
	}
	_, err := d.Token()
	return err
}

func skip(d *json.Decoder) error { return d.Decode(new(json.RawMessage)) }
