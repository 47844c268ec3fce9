#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <wire/http.hpp>

namespace kusto::test
{

/// A reply that owns its parts.
class canned_reply
{
public:
    canned_reply(int status, std::string body, wire::header_list headers = {},
                 stage where = stage::command)
        : body_(std::move(body)),
          headers_(std::move(headers)),
          reply_(status, headers_, body_, "host.example:8443", "KCPC.execute;1", where)
    {
    }
    canned_reply(canned_reply const&) = delete;
    canned_reply& operator=(canned_reply const&) = delete;

    operator wire::reply const&() const noexcept { return reply_; }
    wire::reply const& get() const noexcept { return reply_; }

private:
    std::string body_;
    wire::header_list headers_;
    wire::reply reply_;
};

[[nodiscard]] inline bool has(std::string_view text, std::string_view part)
{
    return text.find(part) != std::string_view::npos;
}

} // namespace kusto::test
