//go:build !linux

package lightfs

import "io/fs"

// Open opens a file.
func (d dir) Open(name string) (fs.File, error) { return d.FS.Open(name) }
