// The records that a kept disclosure names: a long one names them by a root alone, and which they
// are, the store tells. Of a sent one, by what it granted; of a received one, by what was kept of
// it and, where something was rejected, by the receipt. As thread-safe as the snapshot.
#pragma once

#include "exchange/protocol.h"
#include "store/store.h"

namespace comity::exchange {

// Names the records of `disclosure`, which was read from `row`; nothing to do when it has named
// them. Corrupt, with the id, when what is kept does not make the root that was signed.
Status name_kept_records(store::Snapshot& snapshot, const store::ProtocolObject& row,
                         Disclosure& disclosure);

}  // namespace comity::exchange
