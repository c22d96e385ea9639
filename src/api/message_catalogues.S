/* The bytes of the catalogues in the program; the build gives the path of their folder. */
    .section .rodata
    .globl comity_messages_en_begin
    .globl comity_messages_en_end
    .globl comity_messages_ar_begin
    .globl comity_messages_ar_end
comity_messages_en_begin:
    .incbin "en.json"
comity_messages_en_end:
    .byte 0
comity_messages_ar_begin:
    .incbin "ar.json"
comity_messages_ar_end:
    .byte 0

    .section .note.GNU-stack,"",%progbits
