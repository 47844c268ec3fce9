#pragma once

#include <deque>
#include <emulator/server/storage_call.hpp>
#include <kusto/emulator/discard.hpp>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace kusto::emulator
{

/// Blob containers in memory: Put Blob, Put Block, Put Block List, Get Block List, Get, Head,
/// Delete, List.
///
/// \par Thread safety
/// All member functions may be called from any thread.
class blob_service
{
public:
    struct counters
    {
        std::uint64_t blobs_put = 0;
        std::uint64_t blocks_put = 0;
        std::uint64_t bytes_put = 0; ///< of blobs
    };

    /// \param mode  what becomes of the content of blobs
    explicit blob_service(discard_mode mode = discard_mode::off) : mode_(mode) {}

    /// Whether the body of this request is not wanted: content of a blob without a checksum to
    /// check.
    [[nodiscard]] bool discards(request const& head) const;

    void create_container(std::string const& account, std::string const& name);
    [[nodiscard]] bool has_container(std::string const& account, std::string const& name) const;

    /// What the addressed operation needs of a signature. \throws storage_error for an operation
    /// that does not exist
    [[nodiscard]] sas_need need(storage_call const& call) const;
    /// \throws storage_error
    response handle(storage_call& call);

    /// The whole content of a blob, for the ingestion service. \throws storage_error
    [[nodiscard]] std::string content(sas_target const& target) const;
    /// What is known of a blob whose content was thrown away; nothing if it was kept.
    /// \throws storage_error
    [[nodiscard]] std::optional<discarded_content> discarded(sas_target const& target) const;
    /// Deletes a blob if it is there.
    void remove(sas_target const& target);
    /// Notes that the ingestion service has read this blob. Ingested blobs stay readable until
    /// their payload exceeds `ingested_payload_limit`; then the oldest are deleted, as the real
    /// service cleans its temporary containers.
    void mark_ingested(sas_target const& target);

    [[nodiscard]] counters counts() const;

    static constexpr std::uint64_t ingested_payload_limit = 64 * mebibyte;
    /// What a blob without content counts against that limit.
    static constexpr std::uint64_t discarded_payload = 16 * 1024;

private:
    /// Content of a blob or block, or what is left of it.
    struct stored_bytes
    {
        std::string text;
        std::optional<content_summary> discarded; ///< `text` was thrown away

        [[nodiscard]] std::uint64_t size() const noexcept
        {
            return discarded ? discarded->size() : text.size();
        }
    };
    using payload = std::shared_ptr<stored_bytes const>;
    using container_key = std::pair<std::string, std::string>;

    struct block
    {
        std::string id;
        payload bytes;
    };

    struct blob
    {
        bool committed = false;
        std::vector<block> blocks; ///< the content; ids are empty after Put Blob
        std::map<std::string, payload> uncommitted;
        std::uint64_t size = 0;
        std::string etag;
        system_time created{};
        system_time modified{};
        std::string content_md5;
        std::vector<std::pair<std::string, std::string>> properties; ///< header name, value
        std::vector<std::pair<std::string, std::string>> metadata;
        bool ingested = false;
        std::optional<inflated_content> inside; ///< of a discarded blob
    };

    struct container
    {
        std::map<std::string, blob> blobs;
    };

    [[nodiscard]] payload take_body(request& http) const;
    void inflate_and_drop(sas_target const& target);
    response put_blob(storage_call& call);
    response put_block(storage_call& call);
    response put_block_list(storage_call& call);
    response get_block_list(storage_call const& call) const;
    response get_blob(storage_call const& call) const;
    response delete_blob(storage_call const& call);
    response list_blobs(storage_call const& call) const;

    container& find_container(sas_target const& target);
    [[nodiscard]] container const& find_container(sas_target const& target) const;
    [[nodiscard]] blob const& find_blob(sas_target const& target) const;
    [[nodiscard]] static std::string read(blob const& from, std::uint64_t begin, std::uint64_t end);
    void replace(storage_call const& call, blob& target, std::vector<block> blocks,
                 std::string content_md5);
    static std::vector<block> resolve(std::string_view xml, blob const& from);
    static void check_write_conditions(storage_call const& call, blob const* existing);

    discard_mode const mode_;
    mutable std::mutex mutex_; ///< guards what follows
    std::map<container_key, container> containers_;
    std::deque<std::pair<sas_target, std::uint64_t>> ingested_; ///< with their sizes
    std::uint64_t ingested_bytes_ = 0;
    counters counts_;
    std::uint64_t etag_counter_ = 0x8DF0000000000;
};

} // namespace kusto::emulator
