// The bounds of the network folder. Every one is a default that the options of `Server` and
// `Client` can change, so that tests reach them quickly; none can be switched off.
#pragma once

#include <cstddef>

namespace comity::net::limits {

// Request line and header fields of one request, with the empty line that ends them. The client
// holds the same bound against the header fields of a response.
constexpr std::size_t header_bytes_max = std::size_t{16} * 1024;
constexpr std::size_t body_bytes_max = std::size_t{32} * 1024 * 1024;
// What the server reads ahead of the parser: a full header and the line of a chunk.
constexpr std::size_t read_ahead_bytes_max = std::size_t{64} * 1024;

// From accepting to the end of the TLS handshake.
constexpr int handshake_seconds_max = 10;
// From the first byte of a request to the last of its header. Its body has as long again and again,
// as often as `body_window_bytes_min` of it came within that time; so a slow sender ends, and a
// long body on a thin line arrives.
constexpr int request_seconds_max = 30;
constexpr std::size_t body_window_bytes_min = std::size_t{1024} * 1024;

// Request bodies in memory over all connections of a server (body_budget.h), and of one caller.
constexpr std::size_t bodies_bytes_max = std::size_t{128} * 1024 * 1024;
constexpr std::size_t bodies_of_caller_bytes_max = bodies_bytes_max / 2;
// Requests of one caller whose bodies wait for room, and for how long.
constexpr std::size_t bodies_waiting_of_caller_max = 32;
constexpr int body_wait_seconds_max = 10;
// From the first byte of a response to its last.
constexpr int response_seconds_max = 60;
// From one request to the next one on the same connection.
constexpr int idle_seconds_max = 60;
// How long a connection stays half open after its last response, so that the peer can read it.
constexpr int linger_seconds_max = 2;
// What is taken meanwhile of a request that was refused: enough that a client that writes its body
// before it reads finds the answer, and not as much as the network carries in that time.
constexpr std::size_t linger_bytes_max = 16 * 1024 * 1024;
// How long `Server::stop` waits, after the last handler returned, for responses to be sent.
constexpr int stop_seconds_max = 2;

// From this size on a shared body is sent from where it is and not copied behind its header: as
// much as one TLS record holds.
constexpr std::size_t sent_apart_bytes_min = std::size_t{16} * 1024;

// Beyond it room is made for new ones: whoever has most connections loses the one that has waited
// for a request for longest. An idle connection over TLS takes less than 128 KiB, which
// tests/e2e/test_connections.py measures: all of them together 128 MiB.
constexpr std::size_t connections_max = 1024;
// Fewer where the process may open fewer than so many descriptors for each.
constexpr std::size_t descriptors_of_connection = 4;
// Connections that are being ended to make room; with more, accepting waits for a moment.
constexpr std::size_t connections_ending_max = 64;
constexpr int room_pause_milliseconds = 10;
constexpr std::size_t worker_threads = 4;
constexpr std::size_t io_threads = 2;
// What a caller is told to wait, in seconds, of which as many requests wait as may.
constexpr int retry_after_seconds = 5;
// How long accepting pauses when the process has run out of file descriptors.
constexpr int accept_pause_milliseconds = 100;

// Event streams that are open at once. They have a bound of their own, far below that of the
// connections, so that pages that stay open take no place from requests.
constexpr std::size_t streams_max = 128;
// What waits in one stream for a client that does not read; beyond it the stream ends.
constexpr std::size_t stream_bytes_max = std::size_t{64} * 1024;
// A stream that has nothing to say sends a comment this often, so that both sides and what lies
// between them see that it lives.
constexpr int heartbeat_seconds = 15;
// A stream ends after this time. Clients of event streams connect again by themselves, and who
// asks is checked again then.
constexpr int stream_seconds_max = 600;

// The certificates that a TLS client may send, in bytes.
constexpr std::size_t client_certificate_bytes_max = std::size_t{16} * 1024;

constexpr std::size_t response_bytes_max = std::size_t{64} * 1024 * 1024;
constexpr int connect_seconds_max = 10;
constexpr int total_seconds_max = 60;

}  // namespace comity::net::limits
