// How a feed reaches its server: the credentials file, the authorities, and which servers are none
// of a feed. Used inside this folder.
#pragma once

#include "exchange/feed.h"
#include "taxii/remote.h"

namespace comity::exchange {

// The feed of this name; NotFound, or Conflict when it has ended.
Result<Feed> live_feed(store::Snapshot& snapshot, const std::string& name);

// The credentials of a file, which has exactly one JSON object: `user` and `password`, or `bearer`;
// and, beside them or alone, `certificate` and `key`, the paths of PEM files, seen from the folder
// of the file. Errors name the file and never what is in it.
Status read_credentials(const std::string& path, taxii::RemoteAccess& access);

// PEM text of certificate authorities.
Result<std::string> read_authorities(const std::string& path);

// What a pull of `feed` needs. Corrupt when the kept authorities are not those of the feed.
Result<taxii::RemoteAccess> access_of(Node& node, store::Snapshot& snapshot, const Feed& feed);
std::string authorities_key(std::string_view feed);

// The paired party whose node a server is, or would be by its certificate: empty when it is none.
// NotPermitted when it is this node itself.
Result<std::string> paired_party_at(const Node& node, store::Snapshot& snapshot,
                                    const std::string& url, const std::optional<Digest>& pin,
                                    const std::string& authorities_pem);
// NotPermitted when the server is that of a paired party: what it gives comes by its disclosures,
// with basis and duties, and a feed would bring the same without them.
Status check_no_peer(const Node& node, store::Snapshot& snapshot, const std::string& url,
                     const std::optional<Digest>& pin, const std::string& authorities_pem);

}  // namespace comity::exchange
