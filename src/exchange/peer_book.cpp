#include "exchange/peer_book.h"

#include "exchange/signers.h"

namespace comity::exchange {

Result<std::string> PeerBook::look(const Digest& certificate) {
  const auto epoch = node_.store().epoch();
  TRY(const auto snapshot, node_.store().read());
  if (epoch) {
    auto pinned = std::make_shared<Pinned>();
    pinned->epoch = *epoch;
    TRY(const auto peers, snapshot->peers());
    for (const auto& peer : peers) {
      if (peer.confirmed) pinned->parties.emplace(peer.certificate, peer.party);
    }
    const std::lock_guard guard(mutex_);
    if (!pinned_ || pinned_->epoch < pinned->epoch) pinned_ = std::move(pinned);
  }
  return party_of_certificate(*snapshot, certificate, node_.now());
}

std::string PeerBook::party_of(const std::string& certificate_der) {
  if (certificate_der.empty()) return {};
  const auto certificate = sha256(certificate_der);
  std::shared_ptr<const Pinned> pinned;
  {
    const std::lock_guard guard(mutex_);
    pinned = pinned_;
  }
  if (pinned && node_.store().epoch() == pinned->epoch) {
    const auto found = pinned->parties.find(certificate);
    if (found != pinned->parties.end()) return found->second;
  }
  return look(certificate).value_or(std::string());
}

}  // namespace comity::exchange
