#pragma once

#include <chrono>
#include <kusto/deadline.hpp>
#include <kusto/error.hpp>
#include <net/stream.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace kusto::net
{

/// One step of making a connection.
class dial_step
{
public:
    enum class kind
    {
        trust,     ///< authorities and certificates of our own are loaded
        resolve,   ///< the name of the target or of the proxy
        connect,   ///< TCP, to the target or to the proxy
        tunnel,    ///< CONNECT through the proxy
        handshake, ///< TLS with the target
    };

    dial_step(kind what, deadline::clock::duration took, std::optional<failure> failed)
        : what(what),
          took(took),
          failed(std::move(failed))
    {
    }

    kind what;
    deadline::clock::duration took;
    std::optional<failure> failed; ///< of the last step only
};

/// What was seen while a connection was made.
class dial_trace
{
public:
    dial_trace() = default;

    /// The next step begins now.
    void begin() { began_ = deadline::clock::now(); }
    /// It has ended now, and the one after it begins.
    template <class T>
    void end(dial_step::kind what, result<T> const& how)
    {
        auto const now = deadline::clock::now();
        auto failed = how ? std::nullopt : std::optional<failure>(how.error());
        steps.emplace_back(what, now - began_, std::move(failed));
        began_ = now;
    }

    std::vector<std::string> addresses; ///< of the first hop, with port
    std::vector<dial_step> steps;
    tls_facts tls;

private:
    deadline::time_point began_ = deadline::clock::now();
};

} // namespace kusto::net
