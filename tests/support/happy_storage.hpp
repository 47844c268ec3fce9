#pragma once

#include <async/transport.hpp>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace kusto::test
{

/// Storage accounts in memory: blobs, one ingestion queue for each account, status entities. Takes
/// requests only as the service would, and notes what it would have refused, or what an SDK must
/// not do. Single-threaded.
class happy_storage
{
public:
    /// What one blob was posted as.
    struct post
    {
        std::string blob; ///< address without signature
        std::string text; ///< uncompressed
    };

    /// SAS of every container, queue and table. Secret, as far as the tests are concerned.
    [[nodiscard]] static std::string sas();
    [[nodiscard]] static std::string identity_token();
    /// `{account}.{service}.core.windows.net`
    [[nodiscard]] static std::string host(std::string_view account, std::string_view service);

    /// Reads after which an entity whose blob was posted says `Succeeded`. Default 2.
    void reads_until_succeeded(std::size_t reads) noexcept { reads_until_succeeded_ = reads; }

    // The operations. `body` is the request's body.

    async::http_response put_blob(async::http_request const& request, std::string body);
    async::http_response put_block(async::http_request const& request, std::string body);
    async::http_response put_block_list(async::http_request const& request,
                                        std::string const& body);
    async::http_response put_message(async::http_request const& request, std::string const& body);
    async::http_response insert_entity(async::http_request const& request, std::string const& body);
    async::http_response write_entity(async::http_request const& request, std::string const& body);
    async::http_response read_entity(async::http_request const& request);

    /// Messages taken, in order; one for each message.
    [[nodiscard]] std::vector<post> const& posts() const noexcept { return posts_; }
    /// Source ids that more than one message was taken for.
    [[nodiscard]] std::set<std::string> posted_twice() const;
    [[nodiscard]] std::size_t blobs() const noexcept { return blobs_.size(); }
    /// What was wrong with the requests, without secrets; empty if nothing was.
    [[nodiscard]] std::string const& complaints() const noexcept { return complaints_; }
    void complain(std::string_view what, async::http_request const& request);

private:
    struct entity
    {
        std::string body;
        std::size_t reads = 0;
    };

    [[nodiscard]] bool is_signed(async::http_request const& request);
    void commit(async::http_request const& request, std::string content);
    void take_message(std::string_view json, async::http_request const& request);

    std::map<std::string, std::string> blobs_;                         // by address
    std::map<std::string, std::map<std::string, std::string>> blocks_; // by address and block id
    std::map<std::string, entity> entities_;                           // by key
    std::map<std::string, std::size_t> messages_;                      // by source id
    std::vector<post> posts_;
    std::string complaints_;
    std::size_t reads_until_succeeded_ = 2;
};

/// \returns what zlib makes of one whole gzip member. \throws std::runtime_error for anything else
[[nodiscard]] std::string gunzip(std::string const& data);
[[nodiscard]] std::string gzip(std::string const& text);

} // namespace kusto::test
