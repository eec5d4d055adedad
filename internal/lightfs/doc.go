// Package lightfs opens the files of a folder with as few system calls as it can.
//
// os.Open prepares every file for the network poller, which takes six system calls
// and is of no use to a regular file. Charts have thousands of them.
package lightfs
