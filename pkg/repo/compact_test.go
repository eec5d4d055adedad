package repo_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"testing"

	"github.com/seed-0d4f92cc/pack/pkg/repo"
)

// FuzzCompact opens compact indexes whose sums are right, and whose content is
// whatever comes: nothing may crash, or take more memory than the file.
func FuzzCompact(f *testing.F) {
	row := []byte{1, 'a', 1, 0, 3, '1', '.', '0', 0, 1, 'a', 0, 0, 2, 0, 0, 0, 0, 5}
	f.Add(row, uint64(8), 1)
	f.Add([]byte{255, 255, 255, 255, 15}, uint64(8), 1)
	f.Add([]byte{1, 'a', 200, 1, 2, 2, 2}, uint64(8), 2)
	f.Add([]byte{}, uint64(0), 0)
	f.Add(row, uint64(1)<<63, 1<<40)
	f.Fuzz(func(t *testing.T, rows []byte, at uint64, charts int) {
		const magic = "packidx2"
		file := []byte(magic)
		file = binary.LittleEndian.AppendUint32(file, uint32(len(rows)))
		file = binary.LittleEndian.AppendUint32(file, crc32.ChecksumIEEE(rows))
		file = append(file, rows...)
		table := len(file)
		file = binary.LittleEndian.AppendUint64(file, at)
		footer := fmt.Appendf(nil, `{"size":1,"table":%d,"charts":%d,"versions":1}`, table, charts)
		file = append(file, footer...)
		file = binary.LittleEndian.AppendUint32(file, uint32(len(footer)))
		file = binary.LittleEndian.AppendUint32(file, crc32.ChecksumIEEE(footer))
		file = append(file, magic...)
		index, err := repo.OpenCompact(bytes.NewReader(file), int64(len(file)), bytes.NewReader(rows))
		if err != nil {
			return
		}
		for name, err := range index.Names() {
			if err != nil {
				break
			}
			for _, err := range index.Versions(name) {
				if err != nil {
					break
				}
			}
			_, _ = index.Find(name, ">0", true)
		}
		_, _ = index.Find("a", "", false)
	})
}
