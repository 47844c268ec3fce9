#pragma once

#include <async/transport.hpp>
#include <memory>
#include <mutex>
#include <string>

namespace kusto::auth
{

/// Which host was asked last, for those whose time is over while others still wait for its answer.
///
/// \par Thread safety
/// Shared objects: safe.
class peer_note
{
public:
    void write(std::string host);
    void clear();
    /// Host and port; empty if nobody was asked.
    [[nodiscard]] std::string read() const;

private:
    mutable std::mutex mutex_;
    std::string host_;
};

/// A transport that notes whom it sends to.
[[nodiscard]] std::shared_ptr<async::transport>
make_noted_transport(std::shared_ptr<async::transport> inner, std::shared_ptr<peer_note> note);

} // namespace kusto::auth
