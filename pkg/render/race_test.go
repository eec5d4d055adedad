//go:build race

package render_test

// raceDetector says that the tests run under the race detector, which multiplies
// time and memory.
const raceDetector = true
