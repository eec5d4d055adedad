package repo

// The bounds of an index. The largest that are known have some 50,000 versions in
// 60 MB. What is in none of the usual forms is read as a whole, which takes many
// times its size of memory, so it has to be smaller.
const (
	maxIndexBytes    = 256 << 20
	maxIndexTexts    = 96 << 20
	maxIndexCharts   = 200_000
	maxIndexVersions = 1_000_000
	maxChartVersions = 100_000
	maxVersionBytes  = 4 << 20
	maxUnusualBytes  = 16 << 20
	maxUnusualNodes  = 2_000_000
)

// mostNodes is how many keys and values a text may have at most, be it JSON or
// YAML: whatever begins one counts for a key and its value.
func mostNodes(data []byte) int {
	n := 1
	for i, c := range data {
		switch c {
		case ',', '[', '{', '\n', '\r', 0x85, 0xa8, 0xa9:
			n += 2
		case '-', '?':
			if i+1 < len(data) && (data[i+1] == ' ' || data[i+1] == '\t') {
				n += 2
			}
		}
	}
	return n
}
